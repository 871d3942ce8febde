/** @file What Electron has, by the declarations of the very version this project names: the stand-in refuses everything else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = readFileSync(join(import.meta.dirname, '..', '..', '..', 'node_modules', 'electron', 'electron.d.ts'), 'utf8');

interface Definition {
  readonly members: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
}

const known = new Map<string, Definition>();

/** Members and events of a class or an interface of Electron, its parents' included. @throws where Electron has no such thing */
export function definitionOf(name: string): Definition {
  const before = known.get(name);
  if (before !== undefined) return before;
  const found = new RegExp(`^  (?:class|interface) ${name}(?: extends ([\\w.]+))? \\{\\n([\\s\\S]*?)^  \\}`, 'm').exec(TEXT);
  if (found === null) throw new Error(`Electron has no ${name}.`);
  const [, parent, body = ''] = found;
  const inherited = parent === undefined || /^NodeEventEmitter$|^NodeJS\.|^Event$/.test(parent) ? null : definitionOf(parent);
  const definition = {
    members: new Set([
      ...[...body.matchAll(/^    (?:static |readonly )*(\w+)\??\s*[(:<]/gm)].map(([, member]) => member!),
      ...(inherited?.members ?? []),
    ]),
    events: new Set([...[...body.matchAll(/\bon\(event: '([\w-]+)'/g)].map(([, event]) => event!), ...(inherited?.events ?? [])]),
  };
  known.set(name, definition);
  return definition;
}

/** Roles that an item of a menu can have. */
export function menuRoles(): ReadonlySet<string> {
  const [, roles = ''] = /interface MenuItemConstructorOptions \{[\s\S]*?^    role\?: \(([^)]+)\)/m.exec(TEXT)!;
  return new Set([...roles.matchAll(/'(\w+)'/g)].map(([, role]) => role!));
}
