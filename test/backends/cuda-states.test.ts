/** @file Updates of states through the CUDA schedule, simulated: old values are read before new ones are written. */
import { expect, test } from 'vitest';
import type { HostTensor } from '../../src/main/engine/backends/backend.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { simulate } from '../support/simulated-device.ts';

function vector(...values: number[]): HostTensor {
  return { dtype: 'f32', shape: [values.length], data: Float32Array.from(values) };
}

const type = { dtype: 'f32', shape: [4] } as const;

test('states that swap and an output of an old value', () => {
  const b = new GraphBuilder('swap');
  const [s, t] = [b.state('s', type), b.state('t', type)];
  b.output('old', s);
  b.update(s, b.mul(t, 10));
  b.update(t, s);
  const { outputs, states } = simulate(b.finish(), {}, { s: vector(1, 2, 3, 4), t: vector(5, 6, 7, 8) });
  expect(outputs['old']).toEqual(vector(1, 2, 3, 4));
  expect(states).toEqual({ s: vector(50, 60, 70, 80), t: vector(1, 2, 3, 4) });
});

test('a value that is read shifted is not overwritten while it is read', () => {
  const b = new GraphBuilder('shift');
  const s = b.state('s', type);
  b.update(s, b.add(s, b.concat([b.sliceAxis(s, 0, 1, 3), b.sliceAxis(s, 0, 0, 1)], 0)));
  const { states } = simulate(b.finish(), {}, { s: vector(1, 10, 100, 1000) });
  expect(states['s']).toEqual(vector(11, 110, 1100, 1001));
});

test('a cache takes rows in place, a zeroed state is read first', () => {
  const b = new GraphBuilder('cache');
  const cache = b.state('cache', { dtype: 'f32', shape: [3, 2] });
  const g = b.state('g', type);
  const filled = b.scatter(cache, b.input('at', { dtype: 'i32', shape: [1] }), b.input('row', { dtype: 'f32', shape: [1, 2] }), 'set');
  b.update(cache, filled);
  b.output('sum', b.sum(filled, [0, 1]));
  b.output('g', b.sum(g, [0]));
  b.update(g, b.fullLike(g, 0));
  const before: HostTensor = { dtype: 'f32', shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  const at: HostTensor = { dtype: 'i32', shape: [1], data: Int32Array.of(1) };
  const row: HostTensor = { dtype: 'f32', shape: [1, 2], data: Float32Array.of(7, 8) };
  const { outputs, states, schedule } = simulate(b.finish(), { at, row }, { cache: before, g: vector(1, 2, 3, 4) });
  expect(outputs['sum']!.data[0]).toBe(29);
  expect(outputs['g']!.data[0]).toBe(10);
  expect([...states['cache']!.data]).toEqual([1, 2, 7, 8, 5, 6]);
  expect([...states['g']!.data]).toEqual([0, 0, 0, 0]);
  expect(schedule.steps.some((step) => step.kind === 'copy')).toBe(false);
});
