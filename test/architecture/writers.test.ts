import { describe, expect, it } from 'vitest';
import { isTest, sourceFiles } from './source-tree.ts';

/** What changes files or folders. */
const CHANGING =
  /^(?:p?(?:append|write|copy)File|cp|mkdir|mkdtemp|mkdtempDisposable|rename|rm|rmdir|unlink|link|symlink|truncate|ftruncate|l?chmod|fchmod|l?chown|fchown|l?utimes|futimes|createWriteStream|WriteStream|write|writev|promises|default)(?:Sync)?$/;
/** How a file is opened for anything but reading; flags that cannot be seen count as such. */
const READING = /^\s*(?:'r'|constants\.O_RDONLY(?: \| (?:\(constants\.O_\w+ \?\? 0\)|constants\.O_(?:NOFOLLOW|NONBLOCK)))*)\s*$/;

/** Writers outside src/main/files, each with its reason. */
const EXCEPTIONS: readonly { readonly path: string; readonly name: string; readonly why: string }[] = [
  { path: 'src/main/engine/watchdog-thread.ts', name: 'writeSync', why: 'to stderr, for the host, when the loop does not turn: no file' },
];

function changersIn({ path, text }: { readonly path: string; readonly text: string }): readonly string[] {
  const imports = [...text.matchAll(/^import\s+(?:type\s+)?([^'";]*?)\s*from\s*'(?:node:)?(fs(?:\/promises)?)'/gm)];
  const dynamic = /(?:import|require)\(\s*'(?:node:)?fs(?:\/promises)?'\s*\)|process\.binding/.test(text) ? [`${path}: fs by another way`] : [];
  const whole = imports.filter(([, names = '']) => !names.startsWith('{')).map(([, names]) => `${path}: ${names}`);
  const named = imports.flatMap(([, names = '']) =>
    names
      .replace(/[{}\s]+/g, ' ')
      .split(',')
      .map((name) =>
        name
          .trim()
          .replace(/^type /, '')
          .split(' as ')[0]!
          .trim(),
      ),
  );
  const opens = named.some((name) => name === 'open' || name === 'openSync');
  const flags = opens
    ? [...text.matchAll(/(?<![.\w#]|async |static )open(?:Sync)?\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)]
        .map(([, given = '']) => splitArguments(given)[1])
        .filter((given) => given !== undefined && !READING.test(given))
    : [];
  return [
    ...dynamic,
    ...whole,
    ...named.filter((name) => CHANGING.test(name)).map((name) => `${path}: ${name}`),
    ...flags.map((given) => `${path}: open(…, ${given!.trim()})`),
  ];
}

/** Top-level commas separate arguments; those inside parentheses do not. */
function splitArguments(text: string): readonly string[] {
  const found = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return found;
}

describe('writers', () => {
  it('are in src/main/files alone', () => {
    const files = sourceFiles(['src']).filter((file) => !isTest(file) && !file.path.startsWith('src/main/files/'));
    const found = files.flatMap(changersIn);
    const known = EXCEPTIONS.map(({ path, name }) => `${path}: ${name}`);
    expect(found.filter((each) => !known.includes(each))).toEqual([]);
    expect(known.filter((each) => !found.includes(each))).toEqual([]);
  });

  it.each([
    ["import { writeFile } from 'node:fs/promises';", 'writeFile'],
    ["import { readFile, rm } from 'node:fs/promises';", 'rm'],
    ["import { mkdirSync as make } from 'node:fs';", 'mkdirSync'],
    ["import fs from 'node:fs';", 'fs'],
    ["import * as fs from 'fs/promises';", '* as fs'],
    ["import { promises } from 'node:fs';", 'promises'],
    ["import { open } from 'node:fs/promises';\nawait open(join(a, b), 'w');", "open(…, 'w')"],
    ["import { open } from 'node:fs/promises';\nawait open(path, flags);", 'open(…, flags)'],
    [
      "import { openSync } from 'node:fs';\nopenSync(path, constants.O_RDONLY | constants.O_CREAT);",
      'open(…, constants.O_RDONLY | constants.O_CREAT)',
    ],
    ["const fs = await import('node:fs');", 'fs by another way'],
  ])('%s is seen', (text, what) => {
    expect(changersIn({ path: 'x.ts', text })).toEqual([`x.ts: ${what}`]);
  });

  it.each([
    "import { open, readFile, stat } from 'node:fs/promises';\nawait open(path, 'r'); await open(path); await registry.open(a, b);",
    "import { constants } from 'node:fs';\nimport { open } from 'node:fs/promises';\nopen(join(a, b), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));",
  ])('%s is none', (text) => {
    expect(changersIn({ path: 'x.ts', text })).toEqual([]);
  });
});
