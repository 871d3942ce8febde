import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { sealOfFile } from '../../files/seal.ts';
import { openSafetensors, readTensorF32, type TensorToWrite, f32Tensor } from './safetensors.ts';
import { writeModelFolder } from './write-model-folder.ts';

const BASE = parityFixture('models', 'llama-tied-bf16');

async function tensorsOf(folder: string): Promise<readonly TensorToWrite[]> {
  const { tensors } = await openSafetensors(join(folder, 'model.safetensors'));
  return Promise.all([...tensors.values()].map(async (info) => f32Tensor(info.name, info.shape, await readTensorF32(info))));
}

const json = async (folder: string, name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;

describe('writeModelFolder', () => {
  it('saves float32 weights, says so, and takes the rest of the folder as it is', async () => {
    const folder = join(await testFolder(), 'model');
    const files = await writeModelFolder(folder, { base: BASE, tensors: await tensorsOf(BASE), chatTemplate: null, eosTokenId: null });
    expect(await json(folder, 'config.json')).toEqual({ ...(await json(BASE, 'config.json')), dtype: 'float32' });
    for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'chat_template.jinja']) {
      expect(await readFile(join(folder, name)), name).toEqual(await readFile(join(BASE, name)));
    }
    expect((await readdir(folder)).sort()).toEqual(Object.keys(files).sort());
    for (const [name, seal] of Object.entries(files)) expect(await sealOfFile(join(folder, name)), name).toEqual(seal);
  });

  it('cuts weights into shards that an index names', async () => {
    const folder = join(await testFolder(), 'model');
    const tensors = await tensorsOf(BASE);
    await writeModelFolder(folder, { base: BASE, tensors, chatTemplate: null, eosTokenId: null }, {}, 100_000);
    const { weight_map: map, metadata } = (await json(folder, 'model.safetensors.index.json')) as {
      weight_map: Record<string, string>;
      metadata: Record<string, number>;
    };
    const shards = [...new Set(Object.values(map))].sort();
    expect(shards.length).toBeGreaterThan(2);
    expect(shards[0]).toBe(`model-00001-of-0000${shards.length}.safetensors`);
    expect(Object.keys(map).sort()).toEqual(tensors.map(({ name }) => name).sort());
    expect(metadata['total_size']).toBe(tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 4), 0));
    for (const [name, shard] of Object.entries(map)) expect((await openSafetensors(join(folder, shard))).tensors.has(name)).toBe(true);
  });

  it('keeps the template and the end token that a run was told, and numbers as Python wrote them', async () => {
    const base = join(await testFolder(), 'base');
    await cp(BASE, base, { recursive: true });
    await writeFile(
      join(base, 'tokenizer_config.json'),
      '{"chat_template": "theirs", "model_max_length": 1000000000000000019884624838656, "x": 1.0}',
    );
    const folder = join(await testFolder(), 'model');
    await writeModelFolder(folder, { base, tensors: await tensorsOf(BASE), chatTemplate: 'ours', eosTokenId: 7 });
    expect(await readFile(join(folder, 'chat_template.jinja'), 'utf8')).toBe('ours');
    expect(await readFile(join(folder, 'tokenizer_config.json'), 'utf8')).toBe('{"model_max_length":1000000000000000019884624838656,"x":1.0}\n');
    expect((await json(folder, 'generation_config.json'))['eos_token_id']).toEqual([7, 2]);
  });
});
