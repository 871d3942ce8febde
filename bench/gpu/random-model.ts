import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import type { BackendSession, StateSpec } from '../../src/main/engine/backends/backend.ts';
import { encodeHalfs } from '../../src/main/engine/ir/float-bits.ts';
import { elementCount, type Shape } from '../../src/main/engine/ir/shape.ts';
import type { Model } from '../../src/main/engine/models/model.ts';

/** A prime, so that no two rows of a matrix get the same stretch of the block. */
const BLOCK = 1_048_573;
/** As transformers initialises: uniform here, of the same standard deviation. */
const DEVIATION = 0.02;

/** Puts a model of random weights into a session: one block of random numbers, read from another place for each tensor. */
export async function addRandomModel(session: BackendSession, model: Model, dtype: 'f32' | 'bf16'): Promise<void> {
  const draw = seededRandom(1);
  const values = Float32Array.from({ length: BLOCK }, () => (2 * draw() - 1) * DEVIATION * Math.sqrt(3));
  const block = dtype === 'bf16' ? encodeHalfs('bf16', values) : values;
  const one = dtype === 'bf16' ? encodeHalfs('bf16', [1]) : Float32Array.of(1);
  const tensors = [...model.tensors].map(([name, { shape }]): StateSpec => {
    const start = Math.floor(draw() * BLOCK);
    const tensor = { dtype, shape, data: name.includes('norm') ? repeated(one, shape, 0) : repeated(block, shape, start) };
    return { name, type: { dtype, shape }, role: 'constant', source: { kind: 'values', tensor } };
  });
  await session.addStates([...model.constants, ...tensors]);
}

function repeated(block: Float32Array | Uint16Array, shape: Shape, start: number): Float32Array | Uint16Array {
  const length = elementCount(shape);
  if (block.length === 1) return block instanceof Uint16Array ? new Uint16Array(length).fill(block[0]!) : new Float32Array(length).fill(block[0]!);
  const data = block instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length);
  for (let at = 0, from = start; at < length; from = 0) {
    const part = block.subarray(from, Math.min(block.length, from + length - at));
    data.set(part, at);
    at += part.length;
  }
  return data;
}

/** i32 ids in [0, vocabSize) */
export function randomIds({ sizes }: Model, length: number, seed: number): Int32Array {
  const draw = seededRandom(seed);
  return Int32Array.from({ length }, () => Math.floor(draw() * sizes.vocabSize));
}
