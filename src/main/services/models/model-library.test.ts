import { execFileSync } from 'node:child_process';
import { cp, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import type { ScanUpdate } from '../../../shared/contract/models.ts';
import { DEFAULT_SETTINGS } from '../../../shared/domain/settings.ts';
import { dataFolder } from '../../app/paths.ts';
import { Registry } from '../../registry/registry.ts';
import { ModelLibrary } from './model-library.ts';

async function library(
  modelFolders: readonly string[] = [],
): Promise<{ readonly root: string; readonly cache: string; readonly models: ModelLibrary; readonly registry: Registry }> {
  const root = await realpath(await testFolder());
  const data = dataFolder(join(root, 'data'));
  const registry = Registry.open(join(root, 'registry.sqlite'));
  onTestFinished(() => registry.close());
  const cache = join(root, 'hub');
  const context = { data, registry, resources: '', host: 'browser', version: '0' } as const;
  return {
    root,
    cache,
    registry,
    models: new ModelLibrary(context, { get: () => ({ ...DEFAULT_SETTINGS, modelFolders: modelFolders.map((name) => join(root, name)) }) }, cache),
  };
}

async function scanned(models: ModelLibrary): Promise<readonly ScanUpdate[]> {
  const all: ScanUpdate[] = [];
  for await (const update of models.scan(new AbortController().signal)) all.push(update);
  return all;
}

const tiny = (name = 'llama-tied') => parityFixture('models', name);
/** A snapshot as the cache keeps it: files are links. */
async function snapshot(cache: string, repository: string, revision: string, model: string): Promise<string> {
  const folder = join(cache, repository, 'snapshots', revision);
  await mkdir(folder, { recursive: true });
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'])
    await symlink(join(model, file), join(folder, file));
  return folder;
}

it('opens a folder with its facts, once however often, and forgets it without touching it', async () => {
  const { root, models, registry } = await library();
  const folder = join(root, 'My model');
  await cp(tiny(), folder, { recursive: true });
  await writeFile(join(folder, 'README.md'), '---\ntags:\n- tiny\nlicense: "apache-2.0" \n---\nlicense: mit\n');
  let told = 0;
  registry.changes.listen(() => told++);
  const first = await models.open(folder);
  expect(first).toMatchObject({
    name: 'My model',
    path: folder,
    source: 'folder',
    state: { kind: 'usable', facts: { modelType: 'llama', license: 'apache-2.0' } },
  });
  if (first.state.kind !== 'usable') throw new Error('usable');
  const { facts } = first.state;
  // A float32 model: four bytes a parameter. Counting a tied head twice would break this only in the parameters, so the shape says how many there are.
  expect(facts.weightBytes).toBe(4 * facts.parameters);
  expect(facts.dtypes).toEqual({ F32: facts.weightBytes });
  expect((await models.open(`${folder}/../My model`)).id).toBe(first.id);
  expect(models.list()).toEqual([first]);
  expect(told).toBe(2);
  models.forget(first.id);
  expect(models.list()).toEqual([]);
  expect(() => models.get(first.id)).toThrow(expect.objectContaining({ code: 'MODEL-UNKNOWN' }));
  expect(await models.open(folder)).toMatchObject({ path: folder });
});

it('refuses what cannot be run by its own code, and remembers none of it', async () => {
  const { root, models } = await library();
  const broken = async (name: string, spoil: (folder: string) => Promise<unknown>) => {
    await cp(tiny(), join(root, name), { recursive: true });
    await spoil(join(root, name));
    return models.open(join(root, name));
  };
  await expect(
    broken('lying', (folder) => writeFile(join(folder, 'model.safetensors'), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 1, 2]))),
  ).rejects.toMatchObject({ code: 'WEIGHTS-HEADER', message: expect.stringContaining('claims 4294967295 bytes') });
  await expect(broken('foreign', (folder) => writeFile(join(folder, 'config.json'), '{"model_type":"mamba"}'))).rejects.toMatchObject({
    code: 'MODEL-FAMILY',
    remedy: expect.any(String),
  });
  await expect(broken('mute', (folder) => rm(join(folder, 'tokenizer.json')))).rejects.toMatchObject({ code: 'TOKENIZER-FILE' });
  // To read a pipe that nobody writes would never end.
  await expect(
    broken('pipe', async (folder) => {
      await rm(join(folder, 'tokenizer.json'));
      execFileSync('mkfifo', [join(folder, 'tokenizer.json')]);
    }),
  ).rejects.toMatchObject({ code: 'TOKENIZER-FILE', message: expect.stringContaining('not a regular file') });
  await expect(models.open(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'MODEL-FOLDER' });
  await expect(models.open('relative')).rejects.toMatchObject({ code: 'MODEL-FOLDER' });
  expect(models.list()).toEqual([]);
});

it('scans cache and folders: the revision of main, usable and not, each once', async () => {
  const { root, cache, models } = await library(['mine', 'away']);
  await snapshot(cache, 'models--org--tiny', 'bbb', tiny('qwen2-tied'));
  const main = await snapshot(cache, 'models--org--tiny', 'aaa', tiny());
  await mkdir(join(cache, 'models--org--tiny', 'refs'));
  await writeFile(join(cache, 'models--org--tiny', 'refs', 'main'), 'aaa');
  const escaping = await snapshot(cache, 'models--evil', 'ccc', tiny());
  await mkdir(join(cache, 'models--evil', 'refs'));
  await writeFile(join(cache, 'models--evil', 'refs', 'main'), '../../models--org--tiny/snapshots/bbb');
  await mkdir(join(root, 'mine', 'adapter'), { recursive: true });
  await writeFile(join(root, 'mine', 'adapter', 'adapter_config.json'), '{}');
  await mkdir(join(root, 'mine', 'broken'));
  await writeFile(join(root, 'mine', 'broken', 'config.json'), '{');
  await symlink(main, join(root, 'mine', 'same'));
  const updates = await scanned(models);
  expect(updates.at(-1)).toEqual({ kind: 'done', found: 2 });
  expect(updates.findLast(({ kind }) => kind === 'progress')).toEqual({ kind: 'progress', done: 3, total: 3 });
  expect(
    models.list().map(({ name, path, source, state }) => [name, path, source, state.kind === 'usable' ? state.facts.modelType : state.error.code]),
  ).toEqual([
    ['broken', join(root, 'mine', 'broken'), 'folder', 'JSON-PARSE'],
    ['evil', escaping, 'hub-cache', 'llama'],
    ['org/tiny', main, 'hub-cache', 'llama'],
  ]);
});

it('marks what is gone, and takes it back when it returns', async () => {
  const { root, models } = await library();
  await cp(tiny(), join(root, 'model'), { recursive: true });
  const { id } = await models.open(join(root, 'model'), 'starter');
  await rm(join(root, 'model'), { recursive: true });
  await scanned(models);
  expect(models.list()).toMatchObject([
    { id, source: 'starter', name: 'Tunesmith starter', state: { kind: 'unusable', error: { code: 'MODEL-GONE' } } },
  ]);
  await cp(tiny(), join(root, 'model'), { recursive: true });
  await scanned(models);
  expect(models.list()).toMatchObject([{ id, source: 'starter', name: 'Tunesmith starter', state: { kind: 'usable' } }]);
});

it('says that a row of the registry is broken without hiding the others', async () => {
  const { models, registry } = await library();
  const { id } = await models.open(tiny());
  registry.database.prepare("INSERT INTO models VALUES ('x', '/x', 'x', 'folder', '{\"kind\":\"usable\"}', '')").run();
  expect(models.list().map((model) => [model.id, model.state.kind])).toEqual([
    [id, 'usable'],
    ['x', 'unusable'],
  ]);
});

describe('a chat template of megabytes', () => {
  const template = `{# ${'x'.repeat(15_000_000)} #}{{ messages }}`;

  it('is told by its beginning, in lists by less', async () => {
    const { root, models, registry } = await library();
    const folder = join(root, 'heavy');
    await cp(tiny(), folder, { recursive: true });
    await writeFile(join(folder, 'chat_template.jinja'), template);
    const { id } = await models.open(folder);
    const told = (model: unknown) => JSON.stringify(model).length;
    expect(told(models.get(id))).toBeLessThan(300_000);
    expect(models.get(id)).toMatchObject({ state: { kind: 'usable', facts: { chatTemplate: expect.stringMatching(/^\{# x/) as string } } });
    expect(told(models.list())).toBeLessThan(10_000);
    expect(registry.database.prepare<[], { readonly bytes: number }>('SELECT length(state_json) AS bytes FROM models').get()!.bytes).toBeLessThan(
      300_000,
    );
  });

  it('that an earlier version kept as a whole hides nothing, and its model can be forgotten', async () => {
    const { root, models, registry } = await library();
    const folder = join(root, 'model');
    await cp(tiny(), folder, { recursive: true });
    const { id } = await models.open(folder);
    registry.database.prepare("UPDATE models SET state_json = json_set(state_json, '$.facts.chatTemplate', ?)").run(template);
    expect(JSON.stringify(models.list()).length).toBeLessThan(10_000);
    expect(models.list()).toMatchObject([{ id, state: { kind: 'unusable', error: { code: 'MODEL-FACTS' } } }]);
    expect(await models.open(folder)).toMatchObject({ id, state: { kind: 'usable' } });
    models.forget(id);
    expect(models.list()).toEqual([]);
  });
});
