import { describe, expect, test } from 'vitest';
import type { Value } from '../../../ir/graph.ts';
import { GraphBuilder } from '../../../ops/builder.ts';
import { scheduleGraph, type Schedule } from './schedule.ts';

const card = { multiprocessors: 132, computeCapability: 90, maxSharedBytesPerBlock: 232_448, maxSharedBytesPerMultiprocessor: 233_472 };

function scheduled(write: (b: GraphBuilder) => void): Schedule {
  const b = new GraphBuilder('test');
  write(b);
  return scheduleGraph(b.finish(), card);
}

function kinds({ steps }: Schedule): readonly string[] {
  return steps.map((step) => {
    if (step.kind === 'kernel') return step.kernel.name.replace(/_[0-9a-f]{16}$/, '');
    return step.kind === 'call' && step.computes.kind === 'node' ? step.computes.node.op : step.kind;
  });
}

const bf16 = (shape: readonly number[]) => ({ dtype: 'bf16', shape }) as const;
const f32 = (shape: readonly number[]) => ({ dtype: 'f32', shape }) as const;

describe('the CUDA schedule', () => {
  test('softmax is one kernel', () => {
    const schedule = scheduled((b) => {
      const x = b.input('x', f32([64, 1024]));
      const e = b.exp(b.sub(x, b.reduceMax(x, [1], true)));
      b.output('y', b.cast(b.div(e, b.sum(e, [1], true)), 'bf16'));
    });
    expect(kinds(schedule)).toEqual(['row']);
  });

  test('residual and norm are one kernel, attention three products and a few kernels', () => {
    const residual = scheduled((b) => {
      const h = b.add(b.input('h', bf16([32, 64])), b.input('x', bf16([32, 64])));
      b.output('h', h);
      b.output('y', b.rmsNorm(h, b.state('w', bf16([64])), 1e-6));
    });
    expect(kinds(residual)).toEqual(['row']);
    const attention = scheduled((b) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => b.input(name, bf16([2, 64, name === 'q' ? 4 : 2, 32]))) as [Value, Value, Value];
      b.output('out', b.attention(q, k, v, 0.125).out);
    });
    // q is copied into its folded layout; k and v are read where they lie; the output is unfolded.
    expect(kinds(attention)).toEqual(['point', 'product', 'row', 'product', 'point']);
  });

  test('attention over heads of 64 in bf16 is one step that reads its inputs where they lie', () => {
    const attention = (dtype: 'bf16' | 'f32', headDim: number) =>
      scheduled((b) => {
        const qkv = b.input('qkv', { dtype, shape: [3, 2, 100, 4, headDim] });
        const [q, k, v] = [0, 1, 2].map((i) => b.reshape(b.sliceAxis(qkv, 0, i, 1), [2, 100, 4, headDim])) as [Value, Value, Value];
        const { out, lse } = b.attention(q, k, v, 0.125);
        const [dQ, dK, dV] = b.append('attentionBackward', [q, k, v, out, lse, b.input('dOut', q.type)], { scale: 0.125, mask: 'causal' });
        for (const [name, value] of Object.entries({ out, dQ, dK, dV })) b.output(name, value!);
      });
    for (const headDim of [64, 128]) expect(kinds(attention('bf16', headDim))).toEqual(['attention', 'attentionBackward']);
    expect(kinds(attention('bf16', 32))).not.toContain('attention');
    expect(kinds(attention('f32', 64))).not.toContain('attention');
  });

  test('queries with keys of their own (packed rows, windows) go to the same kernels', () => {
    const schedule = scheduled((b) => {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => b.input(name, bf16([2, 100, 4, 64]))) as [Value, Value, Value];
      const [first, last] = ['first', 'last'].map((name) => b.input(name, { dtype: 'i32', shape: [2, 100] })) as [Value, Value];
      const { out, lse } = b.attention(q, k, v, 0.125, { first, last });
      b.append('attentionBackward', [q, k, v, out, lse, b.input('dOut', q.type), first, last], { scale: 0.125, mask: 'range' }).forEach((value, i) =>
        b.output(String(i), value),
      );
    });
    expect(kinds(schedule)).toEqual(['attention', 'attentionBackward']);
  });

  test('attention copies an input that does not lie on 16 bytes', () => {
    const schedule = scheduled((b) => {
      const long = b.input('long', bf16([64 * 64 + 4]));
      const q = b.reshape(b.sliceAxis(long, 0, 4, 64 * 64), [1, 64, 1, 64]);
      const [k, v] = ['k', 'v'].map((name) => b.input(name, q.type)) as [Value, Value];
      b.output('out', b.attention(q, k, v, 0.125).out);
    });
    expect(kinds(schedule)).toEqual(['point', 'attention']);
  });

  test('a linear layer with an adapter adds its products in place', () => {
    const schedule = scheduled((b) => {
      const lora = { a: b.state('a', f32([8, 64])), b: b.state('b', f32([96, 8])), scale: 2 };
      b.output('y', b.linear(b.input('x', bf16([32, 64])), b.state('w', bf16([96, 64])), { lora }).y);
    });
    const products = schedule.steps.flatMap((step) => (step.kind === 'product' ? [step] : []));
    // The adapter's second product rides along with the layer's own.
    expect(products.map(({ product, second, beta }) => [product.k, second?.k, beta])).toEqual([
      [64, undefined, 0],
      [64, 8, 0],
    ]);
    expect(products.map(({ plan }) => plan.kernel.endsWith('_x'))).toEqual([false, true]);
    expect(kinds(schedule).filter((kind) => kind === 'point').length).toBeLessThanOrEqual(2);
  });

  test('states are updated in place only when nobody reads the old value afterwards', () => {
    const inPlace = scheduled((b) => {
      const g = b.state('g', f32([4096]));
      b.update(g, b.add(g, b.input('d', f32([4096]))));
    });
    expect(inPlace.finals).toEqual([]);
    expect(inPlace.memory.arenaBytes).toBe(4096 * 4);
    const swap = scheduled((b) => {
      const [s, t] = [b.state('s', f32([64])), b.state('t', f32([64]))];
      b.update(s, t);
      b.update(t, b.mul(s, 2));
    });
    expect(swap.finals).toHaveLength(1);
    const shifted = scheduled((b) => {
      const s = b.state('s', f32([64]));
      b.update(s, b.concat([b.sliceAxis(s, 0, 32, 32), b.sliceAxis(s, 0, 0, 32)], 0));
    });
    expect(shifted.finals).toHaveLength(1);
  });

  test('a tensor beyond 32-bit indices is refused with its shape', () => {
    const build = () => scheduled((b) => b.output('y', b.exp(b.input('x', f32([70_000, 70_000])))));
    expect(build).toThrow('f32[70000, 70000]');
  });

  test('pieces are written into their concatenation', () => {
    const schedule = scheduled((b) => {
      const x = b.input('x', bf16([64, 32]));
      const pieces = Array.from({ length: 6 }, (_, i) =>
        b.reshape(b.matmul(x, b.input(`y${i}`, bf16([64, 16])), { transA: true, dtype: 'f32' }), [512]),
      );
      b.output('all', b.concat(pieces, 0));
    });
    expect(new Set(kinds(schedule))).toEqual(new Set(['product']));
  });
});
