/** The packaging configuration, which nothing runs yet: it must not rot until something does. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
let text = '';
beforeAll(async () => {
  text = await readFile(join(ROOT, 'electron-builder.yml'), 'utf8');
});

/** The lines below a top-level key, comments left out. */
function section(name: string): readonly string[] {
  const [, body] = new RegExp(`^${name}:\\n((?:[ #].*\\n)+)`, 'm').exec(text)!;
  return body!
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const listed = (lines: readonly string[]) => lines.map((line) => /^- "?([^"]+)"?$/.exec(line)![1]!);

it('lets nobody use the program as a Node, inspect it, or swap its archive', () => {
  expect(Object.fromEntries(section('electronFuses').map((line) => line.split(': ')))).toEqual({
    runAsNode: 'false',
    enableCookieEncryption: 'true',
    enableNodeOptionsEnvironmentVariable: 'false',
    enableNodeCliInspectArguments: 'false',
    enableEmbeddedAsarIntegrityValidation: 'true',
    onlyLoadAppFromAsar: 'true',
    grantFileProtocolExtraPrivileges: 'false',
  });
});

it('holds the entry, the shipped files, and nothing that is not there', async () => {
  const files = listed(section('files'));
  const { main } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly main: string };
  expect(files).toEqual(expect.arrayContaining(['out/**', 'resources/**', 'package.json']));
  expect(main.startsWith('out/')).toBe(true);
  expect(listed(section('asarUnpack'))).toEqual(expect.arrayContaining(['resources/**', '**/*.node', '**/*.so*', '**/*.dll', '**/*.dylib']));
  // What is left out by name must exist by that name, here where it can: a renamed folder of a package would be shipped again.
  const left = [...text.matchAll(/"!(node_modules\/(?:onnxruntime-node|tokenizers)\/[^"]+)"/g)].map(([, pattern]) => pattern!);
  expect(left).toHaveLength(6);
  for (const pattern of left) expect(globSync(pattern, { cwd: ROOT }).length, pattern).toBeGreaterThan(0);
});

it('starts no engine and no worker by a fork of the program: that is what the fuse forbids', async () => {
  const entry = await readFile(join(ROOT, 'src/main/index.ts'), 'utf8');
  expect(entry).toMatch(/launchEnginesBy\(utilityEngine\)/);
  // Before anything could start one.
  expect(entry).toMatch(/launchWorkersBy\(utilityWorker\)/);
  expect(entry.indexOf('launchWorkersBy(utilityWorker)')).toBeLessThan(entry.indexOf('openStudioWhenFree(data'));
  expect(entry.indexOf('launchEnginesBy(utilityEngine)')).toBeLessThan(entry.indexOf('openStudioWhenFree(data'));
});
