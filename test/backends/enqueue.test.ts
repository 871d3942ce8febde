/** @file Runs that are asked for before earlier ones are read: in order, with states between them, each failing by itself. */
import { describe, expect, test } from 'vitest';
import type { Backend, HostTensor } from '../../src/main/engine/backends/backend.ts';
import { createOnnxBackend } from '../../src/main/engine/backends/onnx/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';

const f32 = (...values: number[]): HostTensor => ({ dtype: 'f32', shape: [values.length], data: Float32Array.from(values) });
const pair = { dtype: 'f32', shape: [2] } as const;
const BACKENDS: Readonly<Record<string, Backend>> = { reference: referenceBackend, onnx: createOnnxBackend({ threads: 1 }) };

/** total <- total * factor + x; gives the old total. */
function counter(name: string, factor: number) {
  const b = new GraphBuilder(name);
  const total = b.state('total', pair);
  b.update(total, b.add(b.mul(total, factor), b.input('x', pair)));
  b.output('before', b.mul(total, 1));
  return b.finish();
}

describe.each(Object.entries(BACKENDS))('%s', (_, backend) => {
  test('runs of two programs happen in the order of the asking, whatever is read first', async () => {
    const session = await backend.open();
    await session.addStates([{ name: 'total', type: pair, role: 'variable', source: { kind: 'values', tensor: f32(1, 2) } }]);
    const [add, double] = [await session.compile(counter('add', 1)), await session.compile(counter('double', 2))];
    const runs = [add.enqueue({ x: f32(1, 1) }), double.enqueue({ x: f32(0, 0) }), add.enqueue({ x: f32(5, 5) }), double.enqueue({ x: f32(0, 1) })];
    expect(await session.readState('total')).toEqual(f32(18, 23));
    expect((await runs[3]!.read()).before).toEqual(f32(9, 11));
    expect((await runs[0]!.read()).before).toEqual(f32(1, 2));
    expect((await runs[2]!.read()).before).toEqual(f32(4, 6));
    expect((await add.run({ x: f32(0, 0) })).before).toEqual(f32(18, 23));
    await session.dispose();
  });

  test('a run that fails tells its reader and nobody else', async () => {
    const session = await backend.open();
    await session.addStates([{ name: 'total', type: pair, role: 'variable', source: { kind: 'values', tensor: f32(1, 2) } }]);
    const add = await session.compile(counter('add', 1));
    const runs = [add.enqueue({ x: f32(1, 1) }), add.enqueue({}), add.enqueue({ x: f32(1, 1) })];
    await expect(runs[1]!.read()).rejects.toThrow('x');
    expect((await runs[2]!.read()).before).toEqual(f32(2, 3));
    await session.dispose();
  });
});
