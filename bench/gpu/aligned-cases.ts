/** @file Op cases in sizes that take the vector and tensor-core paths, which the odd sizes of test/backends do not. */
import { float, int, opCase, type InputSpec, type OpCase } from '../../test/backends/op-case.ts';

function adapter(rows: number, width: number, out: number, rank: number, bias: boolean): OpCase {
  const inputs = { x: float([rows, width]), w: float([out, width]), bias: float([out]), a: float([rank, width]), b: float([out, rank]) };
  return opCase({
    name: `bf16 aligned ${rows}x${width} to ${out}${bias ? ' bias' : ''} lora ${rank}`,
    op: 'linear',
    inputs,
    outputs: (g, { x, w, bias: c, a, b }) => {
      const half = (value: typeof x) => g.cast(value, 'bf16');
      return { y: g.linear(half(x), half(w), { bias: bias ? half(c) : null, lora: { a, b, scale: 0.5 } }).y };
    },
    wrt: ['x', 'a', 'b'],
  });
}

/** Layers that read one input, as q, k and v do. */
function adapters(rows: number, width: number, outs: readonly number[], rank: number): OpCase {
  const each = (name: string, shape: (out: number) => readonly number[]) =>
    Object.fromEntries(outs.map((out, i) => [`${name}${i}`, float(shape(out))]));
  const inputs: Readonly<Record<string, InputSpec>> = {
    x: float([rows, width]),
    ...each('w', (out) => [out, width]),
    ...each('a', () => [rank, width]),
    ...each('b', (out) => [out, rank]),
  };
  return opCase({
    name: `bf16 aligned ${rows}x${width} to ${outs.join(' and ')} lora ${rank}`,
    op: 'linear',
    inputs,
    outputs: (g, given) => {
      const x = g.cast(given['x']!, 'bf16');
      const y = (i: number) => g.linear(x, g.cast(given[`w${i}`]!, 'bf16'), { lora: { a: given[`a${i}`]!, b: given[`b${i}`]!, scale: 0.5 } }).y;
      return Object.fromEntries(outs.map((_, i) => [`y${i}`, y(i)]));
    },
    wrt: ['x', ...outs.flatMap((_, i) => [`a${i}`, `b${i}`])],
  });
}

export const alignedCases: readonly OpCase[] = [
  adapter(64, 128, 96, 16, false),
  adapter(200, 896, 512, 16, true),
  adapter(96, 4096, 128, 8, false),
  adapter(512, 64, 1024, 64, false),
  adapters(200, 896, [896, 128, 72], 16),
  adapters(333, 128, [520, 520], 8),
  adapters(1000, 256, [264, 1000, 64], 32),
  adapters(140, 136, [200, 104, 72], 64),
  opCase({
    name: 'bf16 aligned softmax 96x2048',
    op: 'exp',
    inputs: { x: float([96, 2048], 'bf16') },
    outputs: (b, { x }) => {
      const wide = b.cast(x, 'f32');
      const e = b.exp(b.sub(wide, b.reduceMax(wide, [1], true)));
      return { y: b.cast(b.div(e, b.sum(e, [1], true)), 'bf16') };
    },
  }),
  opCase({
    name: 'bf16 aligned columns 4096x256',
    op: 'sum',
    inputs: { x: float([4096, 256], 'bf16') },
    outputs: (b, { x }) => ({ y: b.sum(b.cast(x, 'f32'), [0]) }),
  }),
  opCase({ name: 'f32 aligned one of 2^18', op: 'sum', inputs: { x: float([2 ** 18]) }, outputs: (b, { x }) => ({ y: b.sum(b.mul(x, x), [0]) }) }),
  opCase({ name: 'bf16 row of 70000', op: 'argmax', inputs: { x: float([3, 70_000]) }, outputs: (b, { x }) => ({ y: b.argmax(x, 1) }) }),
  opCase({
    name: 'f32 many duplicates',
    op: 'scatter',
    inputs: { base: float([40, 300]), at: int([1000], 0, 39), rows: float([1000, 300]) },
    outputs: (b, { base, at, rows }) => ({ y: b.scatter(base, at, rows, 'add') }),
  }),
];
