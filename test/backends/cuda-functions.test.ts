import { describe, expect, test } from 'vitest';
import { parsePtx, runPtx } from '../support/ptx-machine.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import type { Value } from '../../src/main/engine/ir/graph.ts';
import { pointwiseKernel } from '../../src/main/engine/backends/cuda/codegen/pointwise-kernel.ts';
import { erf } from '../../src/main/engine/ops/core/erf.ts';
import type { FloatFunction } from '../../src/main/engine/backends/cuda/codegen/scalar-math.ts';

function apply(op: FloatFunction, inputs: readonly number[]): Float32Array {
  const b = new GraphBuilder(op);
  const x = b.input('x', { dtype: 'f32', shape: [inputs.length] });
  const y = (b[op] as (x: Value) => Value).call(b, x);
  const graph = b.finish();
  const kernel = pointwiseKernel({ graph, memory: (id) => (id === x.id ? { alignment: 16 } : null), outputAlignment: () => 16 }, [y.id]);
  const bytes = inputs.length * 4;
  const memory = new Float32Array(inputs.length * 2);
  memory.set(inputs);
  runPtx(
    parsePtx(kernel.text),
    kernel.grid[0],
    new DataView(memory.buffer),
    kernel.pointers.map((id) => (id === x.id ? 0 : bytes)),
  );
  return memory.slice(inputs.length);
}

/** Distance in units of the last place of the expected f32. */
function units(got: number, want: number): number {
  if (Object.is(Math.fround(want), got) || got === Math.fround(want)) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))));
  return Math.abs(got - want) / 2 ** (exponent - 23);
}

const EXACT: { readonly [K in FloatFunction]: (x: number) => number } = {
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sin: Math.sin,
  cos: Math.cos,
  neg: (x) => -x,
  abs: Math.abs,
  erf,
};
const RANGES: Readonly<Partial<Record<FloatFunction, readonly (readonly [number, number])[]>>> = {
  exp: [
    [-87, 88.7],
    [-1, 1],
    [-103, -87],
  ],
  log: [
    [1e-6, 10],
    [0.9, 1.1],
    [1e30, 3e38],
    [1e-44, 1e-38],
  ],
  tanh: [
    [-12, 12],
    [-1, 1],
    [-1e-3, 1e-3],
  ],
  sigmoid: [
    [-80, 20],
    [-1, 1],
  ],
  erf: [
    [-6, 6],
    [-1, 1],
    [-1e-3, 1e-3],
    [0.9, 0.96],
  ],
  sin: [
    [-10, 10],
    [-1e5, 1e5],
    [1e6, 1e7],
  ],
  cos: [
    [-10, 10],
    [-1e5, 1e5],
    [1e6, 1e7],
  ],
};

describe('functions of generated kernels, instructions taken as exact', () => {
  for (const [op, ranges] of Object.entries(RANGES) as [FloatFunction, readonly (readonly [number, number])[]][]) {
    test(`${op} is within 4 units in the last place`, () => {
      for (const [low, high] of ranges) {
        const inputs = Array.from({ length: 512 }, (_, i) => Math.fround(low + ((high - low) * (i + 0.37)) / 512));
        const got = apply(op, inputs);
        // Near a zero of sine the f32 angle's own error, as carried by f64, is what counts.
        inputs.forEach((x, i) => {
          const want = EXACT[op](x);
          const small = (op === 'sin' || op === 'cos') && Math.abs(want) < 1e-6;
          expect(small ? 0 : units(got[i]!, want), `${op}(${x}) = ${got[i]}, not ${want}`).toBeLessThan(4);
        });
      }
    });
  }

  test('infinities, zeros and NaN go where they should', () => {
    const special = [Infinity, -Infinity, 0, NaN];
    expect([...apply('exp', special)]).toEqual([Infinity, 0, 1, NaN]);
    expect([...apply('log', [Infinity, -1, 0, NaN])]).toEqual([Infinity, NaN, -Infinity, NaN]);
    expect([...apply('tanh', special)]).toEqual([1, -1, 0, NaN]);
    expect([...apply('erf', special)]).toEqual([1, -1, 0, NaN]);
    expect([...apply('sigmoid', special)]).toEqual([1, 0, 0.5, NaN]);
    expect([...apply('sin', special)]).toEqual([NaN, NaN, 0, NaN]);
  });
});
