import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeHalfs, roundToHalf } from '../../ir/float-bits.ts';
import type { Graph } from '../../ir/graph.ts';
import { GraphBuilder } from '../../ops/builder.ts';
import type { BackendSession, HostTensor, StateSpec } from '../backend.ts';
import { createOnnxBackend } from './backend.ts';

const f32 = (...values: number[]): HostTensor => ({ dtype: 'f32', shape: [values.length], data: Float32Array.from(values) });

let session: BackendSession;
let folder: string;
beforeEach(async () => {
  session = await createOnnxBackend({ threads: 1 }).open();
  folder = await mkdtemp(join(tmpdir(), 'onnx-session-'));
});
afterEach(async () => {
  await session.dispose();
  await rm(folder, { recursive: true });
});

/** Output: sum of both states. Updates: a <- b, b <- a + x. */
function exchange(): Graph {
  const b = new GraphBuilder('exchange');
  const type = { dtype: 'f32', shape: [2] } as const;
  const [a, other, x] = [b.state('a', type), b.state('b', type), b.input('x', type)];
  b.update(a, other);
  b.update(other, b.add(a, x));
  b.output('sum', b.add(a, other));
  return b.finish();
}

function variable(name: string, ...values: number[]): StateSpec {
  return { name, type: { dtype: 'f32', shape: [values.length] }, source: { kind: 'values', tensor: f32(...values) }, role: 'variable' };
}

test('updates happen after every read, run after run, and programs share states', async () => {
  await session.addStates([variable('a', 1, 2), variable('b', 10, 20)]);
  const [first, second] = [await session.compile(exchange()), await session.compile(exchange())];
  expect((await first.run({ x: f32(0.5, 0.5) }))['sum']!.data).toEqual(Float32Array.of(11, 22));
  const sum = (await second.run({ x: f32(100, 100) }))['sum']!;
  expect([...(await session.readState('a')).data]).toEqual([1.5, 2.5]);
  expect([...(await session.readState('b')).data]).toEqual([110, 120]);
  await session.writeState('a', f32(0, 0));
  await first.run({ x: f32(0, 0) });
  expect([...sum.data], "an output is the caller's own").toEqual([11.5, 22.5]);
  expect(session.memory().state).toBe(4 * 2 * 4);
});

test('updates of a constant, of a missing state and with another type are refused by name', async () => {
  await session.addStates([{ ...variable('a', 1, 2), role: 'constant' }]);
  await expect(session.compile(exchange())).rejects.toThrow(/state "b" does not exist/);
  await session.addStates([variable('b', 1, 2)]);
  await expect(session.compile(exchange())).rejects.toThrow(/state "a" is constant/);
  await expect(session.addStates([variable('b', 1)])).rejects.toThrow(/"b" exists already/);
  await session.removeStates(['a', 'b']);
  await session.addStates([variable('a', 1, 2, 3), variable('b', 1, 2)]);
  await expect(session.compile(exchange())).rejects.toThrow(/state "a" is f32\[3\], the graph expects f32\[2\]/);
  await expect(session.removeStates(['c'])).rejects.toThrow(/"c" does not exist/);
});

test('a missing feed and a feed of another shape are refused before anything runs', async () => {
  await session.addStates([variable('a', 1, 2), variable('b', 1, 2)]);
  const program = await session.compile(exchange());
  await expect(program.run({})).rejects.toThrow(/input "x" was not fed/);
  await expect(program.run({ x: f32(1) })).rejects.toThrow(/input "x" of exchange: f32\[2\] expected, got f32\[1\]/);
});

/** Sets row `at` of the cache to x and gives the whole cache; with `looks`, also what the cache was before. */
function remember(looks: boolean): Graph {
  const b = new GraphBuilder('remember');
  const cache = b.state('cache', { dtype: 'f32', shape: [3, 2] });
  const next = b.scatter(cache, b.input('at', { dtype: 'i32', shape: [1] }), b.input('x', { dtype: 'f32', shape: [1, 2] }), 'set');
  b.update(cache, next);
  b.output('sum', b.sum(next, [0]));
  if (looks) b.output('before', b.sum(cache, [0]));
  return b.finish();
}

test.each([false, true])(
  'rows set in a state that nothing else reads are set where they lie; elsewhere read (%s), the old value is seen',
  async (looks) => {
    await session.addStates([{ name: 'cache', type: { dtype: 'f32', shape: [3, 2] }, source: { kind: 'zeros' }, role: 'variable' }]);
    const program = await session.compile(remember(looks));
    const at = (row: number): HostTensor => ({ dtype: 'i32', shape: [1], data: Int32Array.of(row) });
    const x = (...data: number[]): HostTensor => ({ dtype: 'f32', shape: [1, 2], data: Float32Array.from(data) });
    await program.run({ at: at(2), x: x(1, 2) });
    await program.run({ at: at(0), x: x(10, 20) });
    const { sum, before } = await program.run({ at: at(2), x: x(5, 6) });
    expect([...sum!.data]).toEqual([15, 26]);
    if (looks) expect([...before!.data]).toEqual([11, 22]);
    expect([...(await session.readState('cache')).data]).toEqual([10, 20, 0, 0, 5, 6]);
    // One copy of six floats, or the spare beside it.
    expect(session.memory().state).toBe(looks ? 48 : 24);
  },
);

describe('states from a file', () => {
  const values = [1, -2.5, 3.14159, 65504, 6e-8, -0];

  async function loaded(dtype: 'f32' | 'bf16' | 'f16', fileDType: 'f32' | 'bf16' | 'f16'): Promise<number[]> {
    const data = fileDType === 'f32' ? Float32Array.from(values) : encodeHalfs(fileDType, values);
    const file = join(folder, `${dtype}-${fileDType}`);
    // An odd offset: safetensors promises no alignment.
    await writeFile(file, Buffer.concat([Buffer.from('odd'), new Uint8Array(data.buffer)]));
    const source = { kind: 'file', file, offset: 3, length: data.byteLength, fileDType } as const;
    await session.addStates([{ name: file, type: { dtype, shape: [values.length] }, source, role: 'constant' }]);
    const b = new GraphBuilder('read');
    b.output('x', b.cast(b.state(file, { dtype, shape: [values.length] }), 'f32'));
    const program = await session.compile(b.finish());
    return [...(await program.run({}))['x']!.data];
  }

  test.each([
    ['f32', 'f32'],
    ['f32', 'f16'],
    ['f32', 'bf16'],
    ['bf16', 'f32'],
    ['bf16', 'f16'],
    ['bf16', 'bf16'],
    ['f16', 'f16'],
    ['f16', 'bf16'],
  ] as const)('%s from %s', async (dtype, fileDType) => {
    const round = (to: 'f32' | 'bf16' | 'f16', x: number) => (to === 'f32' ? Math.fround(x) : roundToHalf(to, x));
    expect(await loaded(dtype, fileDType)).toEqual(values.map((x) => round(dtype, round(fileDType, x))));
  });

  test('a short file and a length that does not fit are refused', async () => {
    const file = join(folder, 'short');
    await writeFile(file, new Uint8Array(10));
    const spec = (length: number): StateSpec => ({
      name: 'w',
      type: { dtype: 'f32', shape: [4] },
      source: { kind: 'file', file, offset: 0, length, fileDType: 'f32' },
      role: 'constant',
    });
    await expect(session.addStates([spec(16)])).rejects.toThrow(/"w" in .*short ends after 10 of 16 bytes/);
    await expect(session.addStates([spec(8)])).rejects.toThrow(/16 bytes of f32 expected/);
  });
});
