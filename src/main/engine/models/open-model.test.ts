import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { openSafetensors, readTensorBytes, type TensorInfo, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts';
import { openModel, unusedTensorsNotice } from './open-model.ts';

const SINGLE = parityFixture('adapter', 'tiny-llama');
const SHARDED = parityFixture('adapter', 'tiny-llama-sharded');

async function copyOf(folder: string): Promise<string> {
  const copy = join(await testFolder(), 'model');
  await cp(folder, copy, { recursive: true });
  return copy;
}

async function editJson(file: string, edit: (json: Record<string, never>) => unknown): Promise<void> {
  await writeFile(file, JSON.stringify(edit(JSON.parse(await readFile(file, 'utf8')) as Record<string, never>)));
}

/** Rewrites the single file with some tensors changed, added or (null) left out. */
async function editTensors(folder: string, edit: (info: TensorInfo) => Partial<TensorToWrite> | null): Promise<void> {
  const file = join(folder, 'model.safetensors');
  const { tensors } = await openSafetensors(file);
  const written: TensorToWrite[] = [];
  for (const info of tensors.values()) {
    const bytes = await readTensorBytes(info);
    const edited = edit(info);
    if (edited !== null) written.push({ ...info, chunks: () => [bytes], ...edited });
  }
  await writeSafetensors(file, written);
}

describe('openModel', () => {
  it('finds the same weights in one file and in shards', async () => {
    const single = await openModel(SINGLE);
    const sharded = await openModel(SHARDED);
    expect(single.model.config).toEqual(sharded.model.config);
    expect([...single.tensors.keys()]).toEqual([...sharded.tensors.keys()]);
    expect(new Set([...sharded.tensors.values()].map((info) => info.file)).size).toBe(5);
    for (const [name, info] of single.tensors) {
      expect(await readTensorBytes(info), name).toEqual(await readTensorBytes(sharded.tensors.get(name)!));
    }
    expect(single.unusedTensors).toEqual([]);
  });

  it('follows the links of a Hugging Face cache to the real files', async () => {
    const root = await testFolder();
    const snapshot = join(root, 'snapshots', 'abc');
    await mkdir(join(root, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    for (const [i, name] of (await readdir(SHARDED)).entries()) {
      await cp(join(SHARDED, name), join(root, 'blobs', `hash${i}`));
      await symlink(join('..', '..', 'blobs', `hash${i}`), join(snapshot, name));
    }
    const { tensors } = await openModel(snapshot);
    expect([...tensors.values()].every(({ file }) => /blobs.hash\d+$/.test(file))).toBe(true);
  });

  it('ignores harmless tensors and names the others', async () => {
    const folder = await copyOf(SINGLE);
    const file = join(folder, 'model.safetensors');
    const all = [...(await openSafetensors(file)).tensors.values()];
    const copies: TensorToWrite[] = await Promise.all(
      all.map(async (info) => {
        const bytes = await readTensorBytes(info);
        return { ...info, chunks: () => [bytes] };
      }),
    );
    for (const name of ['lm_head.weight', 'model.layers.0.self_attn.rotary_emb.inv_freq', 'model.layers.0.self_attn.q_norm.weight']) {
      copies.push({ name, dtype: 'F32', shape: [1], chunks: () => [new Uint8Array(4)] });
    }
    await writeSafetensors(file, copies);
    const model = await openModel(folder);
    expect(model.unusedTensors).toEqual(['model.layers.0.self_attn.q_norm.weight']);
    expect(unusedTensorsNotice(model)).toBe(`${folder}: 1 tensor is not used by this kind of model: model.layers.0.self_attn.q_norm.weight.`);
    expect(unusedTensorsNotice({ ...model, unusedTensors: [] })).toBeNull();
  });

  it.each<readonly [string, string, (folder: string) => Promise<unknown>, RegExp]>([
    ['no config', SINGLE, (folder) => rm(join(folder, 'config.json')), /config\.json: there is no such file/],
    ['broken config', SINGLE, (folder) => writeFile(join(folder, 'config.json'), '{"model_type":'), /config\.json: this is not valid JSON/],
    ['no weights', SINGLE, (folder) => rm(join(folder, 'model.safetensors')), /there is no model\.safetensors/],
    ['pickle', SINGLE, (folder) => rename(join(folder, 'model.safetensors'), join(folder, 'pytorch_model.bin')), /PyTorch pickle/],
    [
      'missing tensor',
      SINGLE,
      (folder) => editTensors(folder, (info) => (info.name.includes('up_proj') ? null : {})),
      /2 of 20 tensors.*model\.layers\.0\.mlp\.up_proj\.weight/,
    ],
    [
      'names with a stranger before them',
      SINGLE,
      (folder) => editTensors(folder, (info) => ({ name: `language_${info.name}` })),
      /20 of 20 tensors.*the file calls the first one language_model\.embed_tokens\.weight/,
    ],
    [
      'wrong shape',
      SINGLE,
      (folder) => editJson(join(folder, 'config.json'), (json) => ({ ...json, vocab_size: 38 })),
      /embed_tokens\.weight.*has shape \[37, 24\], config\.json asks for \[38, 24\]/,
    ],
    [
      'untied without head',
      SINGLE,
      (folder) => editJson(join(folder, 'config.json'), (json) => ({ ...json, tie_word_embeddings: false })),
      /missing: lm_head\.weight/,
    ],
    ['integer weights', SINGLE, (folder) => editTensors(folder, () => ({ dtype: 'I32' })), /has dtype I32/],
    [
      'double-precision weights',
      SINGLE,
      (folder) =>
        editTensors(folder, ({ shape }) => ({
          dtype: 'F64',
          shape,
          chunks: () => [new Uint8Array(8 * shape.reduce((product, size) => product * size, 1))],
        })),
      /has dtype F64; F32, F16 and BF16 can be used/,
    ],
    [
      'missing shard',
      SHARDED,
      (folder) => rm(join(folder, 'model-00003-of-00005.safetensors')),
      /model-00003-of-00005\.safetensors: there is no such file/,
    ],
    [
      'lying index',
      SHARDED,
      (folder) =>
        editJson(join(folder, 'model.safetensors.index.json'), (json) => ({
          weight_map: { ...(json['weight_map'] as Record<string, string> | undefined), 'model.norm.weight': 'model-00001-of-00005.safetensors' },
        })),
      /model-00001-of-00005\.safetensors: tensor model\.norm\.weight should be in it/,
    ],
    [
      'index that climbs out',
      SHARDED,
      (folder) => writeFile(join(folder, 'model.safetensors.index.json'), '{"weight_map":{"a":"../../x.safetensors"}}'),
      /is not the name of a safetensors file/,
    ],
    ['index without map', SHARDED, (folder) => writeFile(join(folder, 'model.safetensors.index.json'), '{}'), /weight_map/],
    [
      'tensor in two shards',
      SHARDED,
      (folder) => cp(join(folder, 'model-00001-of-00005.safetensors'), join(folder, 'model-00002-of-00005.safetensors')),
      /is in both model-00001/,
    ],
  ])('refuses: %s', async (_name, source, spoil, message) => {
    const folder = await copyOf(source);
    await spoil(folder);
    await expect(openModel(folder)).rejects.toThrow(message);
  });

  it.each(['model.safetensors', 'config.json'])('a Git LFS pointer in place of %s is called so, with the way out', async (name) => {
    const folder = await copyOf(SINGLE);
    await writeFile(join(folder, name), `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 269060552\n`);
    await expect(openModel(folder)).rejects.toMatchObject({
      code: 'LFS-POINTER',
      message: expect.stringContaining(join(folder, name)),
      remedy: expect.stringContaining('git lfs pull'),
    });
  });

  it('says that a folder is not there, or is a file', async () => {
    await expect(openModel(join(SINGLE, 'config.json'))).rejects.toThrow(/this is not a folder/);
    await expect(openModel('/nowhere/at/all')).rejects.toMatchObject({ code: 'MODEL-FOLDER' });
  });
});
