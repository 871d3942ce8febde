import { cp, writeFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { openModel } from '../models/open-model.ts';
import { findNonFinite } from './non-finite.ts';

const NAN = { F32: [0, 0, 0xc0, 0x7f], F16: [0, 0x7e], BF16: [0xc0, 0x7f] };
const INFINITY = { F32: [0, 0, 0x80, 0xff], F16: [0, 0xfc], BF16: [0x80, 0xff] };

it.each([
  ['llama-tied', 'F32'],
  ['llama-tied-f16', 'F16'],
  ['llama-tied-bf16', 'BF16'],
] as const)('finds NaN and infinity in %s, with tensor and place', async (model, dtype) => {
  const folder = join(await testFolder(), 'model');
  await cp(parityFixture('models', model), folder, { recursive: true });
  const { tensors } = await openModel(folder);
  expect(await findNonFinite(tensors.values())).toBeNull();
  const tensor = tensors.get('model.layers.2.mlp.down_proj.weight')!;
  expect(tensor.dtype).toBe(dtype);
  const file = join(folder, 'model.safetensors');
  for (const value of [NAN[dtype], INFINITY[dtype]]) {
    const bytes = await readFile(file);
    bytes.set(value, tensor.offset + 7 * value.length);
    await writeFile(file, bytes);
    expect(await findNonFinite(tensors.values())).toEqual({ tensor, index: 7 });
  }
});
