import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  /** Path of the file imported, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
}

/** Our files under the given folders whose names match. */
export function sourceFiles(folders: readonly string[], pattern = /\.(ts|tsx)$/): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );
}

export function isTest({ path }: SourceFile): boolean {
  return /\.test(-d)?\.tsx?$/.test(path);
}

const STATEMENT = /^(import|export)\s+(type\s+)?([^'";]*?)\s*from\s*'([^']+)'|^import\s*'([^']+)'|\bimport\('([^']+)'\)/gm;

/** What a file imports or passes on, `import()` with a literal name included. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [...text.matchAll(STATEMENT)].map(([, , type, names = '', named, bare, dynamic]) => {
    const specifier = named ?? bare ?? dynamic!;
    const isPackage = !specifier.startsWith('.');
    return {
      from: path,
      to: isPackage ? specifier : posix.join(dirname(path), specifier),
      isPackage,
      typeOnly: type !== undefined || onlyTypes(names),
    };
  });
}

function onlyTypes(names: string): boolean {
  const list = /^\{([^}]*)\}$/
    .exec(names.trim())?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return list !== undefined && list.length > 0 && list.every((name) => name.startsWith('type '));
}
