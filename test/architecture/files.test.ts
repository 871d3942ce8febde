import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLOSED_LEVELS } from './import-table.ts';
import { isTest, ROOT, sourceFiles } from './source-tree.ts';

const CODE = sourceFiles(['src', 'test', 'scripts', 'bench']);
/** Lines from which a file needs a head comment, and from which it needs a reason. */
const HEAD_COMMENT = 200;
const REASON = 400;

it.each(Object.entries(CLOSED_LEVELS))('%s holds only the folders agreed on', (level, allowed) => {
  const folders = readdirSync(join(ROOT, level), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.filter((name) => !allowed.includes(name))).toEqual([]);
});

it('files are named in kebab-case, for the one thing inside', () => {
  const odd = CODE.map(({ path }) => path.split('/').at(-1)!).filter(
    (name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.test-d|\.config)?\.tsx?$/.test(name),
  );
  expect(odd).toEqual([]);
  expect(
    CODE.filter(({ path }) => /(^|\/)(utils?|helpers?|misc|manager|index)\.tsx?$/.test(path) && !ENTRIES.has(path)).map(({ path }) => path),
  ).toEqual([]);
});

/** Entry points of a program, the only files called index. */
const ENTRIES: ReadonlySet<string> = new Set([
  'src/main/index.ts',
  'src/preload/index.ts',
  'src/main/cli/index.ts',
  'src/shared/contract/index.ts',
  'bench/index.ts',
  'bench/gpu/index.ts',
  'bench/ui/index.ts',
  'bench/soak/index.ts',
]);

it(`files over ${HEAD_COMMENT} lines open with a comment, those over ${REASON} with the reason (@file ... long ...)`, () => {
  const problems = CODE.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    const [head = ''] = /^(\/\*\*[\s\S]*?\*\/)/.exec(text) ?? [];
    if (lines > REASON && !(head.includes('@file') && /\blong\b/i.test(head)))
      return [`${path} has ${lines} lines: split it, or say in its @file comment why it is long`];
    return lines > HEAD_COMMENT && head === '' && !/\.test\.tsx?$/.test(path) ? [`${path} has ${lines} lines and no head comment`] : [];
  });
  expect(problems).toEqual([]);
});

it('no file names a machine, a home folder or a package host', () => {
  const texts = [
    ...CODE,
    ...sourceFiles(['src', 'scripts', 'test/parity', 'bench'], /\.(py|sh|md|json|cu)$/),
    ...sourceFiles(['resources'], /\.(json|md)$/),
  ];
  const machinePath =
    /(?:^|["'\s(=:])(\/(?:root|home\/\w+|Users\/\w+|work)\/[\w./-]+)|registry\.npmjs\.org|registry\.yarnpkg\.com|files\.pythonhosted\.org|[\w-]+\.internal\b/;
  const allowed = new Set(['test/architecture/files.test.ts', 'src/main/app/paths.test.ts']);
  expect(
    texts
      .filter(({ path, text }) => !allowed.has(path) && machinePath.test(text))
      .map(({ path, text }) => `${path}: ${machinePath.exec(text)![0].trim()}`),
  ).toEqual([]);
});

/** Statements as text: what the import table cannot see, since anybody may pass a string on. */
const SQL = /\b(SELECT\s+[\w*"'(]|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(CREATE|ALTER|DROP)\s+TABLE\b|PRAGMA\s+\w)/;

it('SQL stands in the registry alone', () => {
  const owners = ['src/main/registry/'];
  const elsewhere = sourceFiles(['src']).filter(
    (file) => !isTest(file) && !owners.some((owner) => file.path.startsWith(owner)) && SQL.test(file.text),
  );
  expect(elsewhere.map(({ path, text }) => `${path}: ${SQL.exec(text)![0]}`)).toEqual([]);
  expect(sourceFiles(owners).some(({ text }) => SQL.test(text))).toBe(true);
});
