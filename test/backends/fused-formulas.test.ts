/** @file Decompositions against plain formulas written a second time, by element, and against vectors measured on PyTorch. */
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import type { Value } from '../../src/main/engine/ir/graph.ts';
import type { Tensor } from '../../src/main/engine/ops/core/tensor.ts';
import { opCases } from './cases.ts';
import { evaluator, tensorsOf } from './evaluate-case.ts';
import { caseGraph, type OpCase } from './op-case.ts';

/** Both sides are float64; they differ in the order of sums only. */
const DIGITS = 10;

type Arrays = Readonly<Record<string, Tensor>>;

function f32Cases(op: OpCase['op']): readonly (readonly [string, OpCase])[] {
  return opCases.filter((opCase) => opCase.op === op && /^\S+ (f32|\d)/.test(opCase.name)).map((opCase) => [opCase.name, opCase]);
}

function evaluated(opCase: OpCase): { readonly inputs: Arrays; readonly outputs: Arrays } {
  const graph = caseGraph(opCase);
  const inputs = tensorsOf(graph, opCase.feeds(11));
  return { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(evaluator(graph)(inputs)) };
}

function expectElements(got: Tensor, want: (index: readonly number[]) => number): void {
  const index = got.shape.map(() => 0);
  got.data.forEach((value, flat) => {
    let rest = flat;
    for (let axis = got.shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % got.shape[axis]!;
      rest = Math.floor(rest / got.shape[axis]!);
    }
    expect(value, `[${index.join(', ')}]`).toBeCloseTo(want(index), DIGITS);
  });
}

function at(x: Tensor, ...index: readonly number[]): number {
  return x.data[index.reduce((flat, i, axis) => flat * x.shape[axis]! + i, 0)]!;
}

function total(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum;
}

describe('attention', () => {
  test.each(f32Cases('attention'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const [q, k, v] = [inputs.q!, inputs.k!, inputs.v!];
    const [, , heads, headDim] = q.shape as [number, number, number, number];
    const [, keys, kvHeads] = k.shape as [number, number, number];
    const scale = 1 / Math.sqrt(headDim);
    const weights = (b: number, t: number, h: number) => {
      const [low, high] = inputs.first ? [at(inputs.first, b, t), at(inputs.last!, b, t)] : [0, t];
      const kv = Math.floor(h / (heads / kvHeads));
      return Array.from({ length: keys }, (_, s) =>
        s >= low && s <= high ? Math.exp(scale * total(headDim, (d) => at(q, b, t, h, d) * at(k, b, s, kv, d))) : 0,
      );
    };
    if (outputs.lse) {
      expectElements(outputs.lse, ([b, h, t]) => Math.log(weights(b!, t!, h!).reduce((x, y) => x + y)));
      return;
    }
    expectElements(outputs.out!, ([b, t, h, d]) => {
      const row = weights(b!, t!, h!);
      const sum = row.reduce((x, y) => x + y);
      return sum === 0 ? 0 : total(keys, (s) => (row[s]! / sum) * at(v, b!, s, Math.floor(h! / (heads / kvHeads)), d!));
    });
  });
});

describe('rmsNorm', () => {
  test.each(f32Cases('rmsNorm'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const [x, weight] = [inputs.x!, inputs.weight!];
    const n = x.shape.at(-1)!;
    expectElements(outputs.y!, (index) => {
      const row = index.slice(0, -1);
      const meanSquare = total(n, (i) => at(x, ...row, i) ** 2) / n;
      return (at(x, ...index) / Math.sqrt(meanSquare + 1e-5)) * at(weight, index.at(-1)!);
    });
  });
});

describe('layerNorm', () => {
  test.each(f32Cases('layerNorm'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const x = inputs.x!;
    const n = x.shape.at(-1)!;
    expectElements(outputs.y!, (index) => {
      const row = index.slice(0, -1);
      const mean = total(n, (i) => at(x, ...row, i)) / n;
      const variance = total(n, (i) => (at(x, ...row, i) - mean) ** 2) / n;
      return ((at(x, ...index) - mean) / Math.sqrt(variance + 1e-5)) * at(inputs.weight!, index.at(-1)!) + at(inputs.bias!, index.at(-1)!);
    });
  });
});

describe('rope', () => {
  test.each(f32Cases('rope'))('%s', (name, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const x = inputs.x!;
    const half = x.shape[3]! / 2;
    const direction = name.endsWith('inverse') ? -1 : 1;
    expectElements(outputs.y!, ([b, t, h, d]) => {
      const pair = d! % half;
      const [cos, sin] = [at(inputs.cos!, b!, t!, pair), direction * at(inputs.sin!, b!, t!, pair)];
      const [low, high] = [at(x, b!, t!, h!, pair), at(x, b!, t!, h!, pair + half)];
      return d! < half ? low * cos - high * sin : high * cos + low * sin;
    });
  });
});

describe('swiglu', () => {
  test.each(f32Cases('swiglu'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    expectElements(outputs.y!, (index) => {
      const gate = at(inputs.gate!, ...index);
      return (gate / (1 + Math.exp(-gate))) * at(inputs.up!, ...index);
    });
  });
});

describe('linear', () => {
  test.each(f32Cases('linear'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const [x, weight, a, b] = [inputs.x!, inputs.weight!, inputs.loraA, inputs.loraB];
    const width = weight.shape[1]!;
    const p = (row: readonly number[], rank: number) => total(width, (i) => at(x, ...row, i) * at(a!, rank, i));
    if (outputs.p) expectElements(outputs.p, (index) => p(index.slice(0, -1), index.at(-1)!));
    expectElements(outputs.y!, (index) => {
      const [row, out] = [index.slice(0, -1), index.at(-1)!];
      const plain = total(width, (i) => at(x, ...row, i) * at(weight, out, i)) + (inputs.bias ? at(inputs.bias, out) : 0);
      return a && b ? plain + 1.75 * total(a.shape[0]!, (rank) => p(row, rank) * at(b, out, rank)) : plain;
    });
  });
});

describe('linearCrossEntropy', () => {
  test.each(f32Cases('linearCrossEntropy'))('%s', (_, opCase) => {
    const { inputs, outputs } = evaluated(opCase);
    const [x, weight, labels] = [inputs.x!, inputs.weight!, inputs.labels!];
    const [vocabulary, width] = weight.shape as [number, number];
    const rows = x.shape[0]!;
    const logits = (r: number) => Array.from({ length: vocabulary }, (_, c) => total(width, (i) => at(x, r, i) * at(weight, c, i)));
    const logSum = (values: readonly number[]) => Math.log(total(values.length, (i) => Math.exp(values[i]!)));
    const table = Array.from({ length: rows }, (_, r) => logits(r));
    const slope = (r: number, c: number) => (at(labels, r) === -100 ? 0 : Math.exp(table[r]![c]! - logSum(table[r]!)) - Number(at(labels, r) === c));
    const valid = Array.from({ length: rows }, (_, r) => r).filter((r) => at(labels, r) !== -100);
    const chosen = (r: number) => table[r]!.indexOf(Math.max(...table[r]!));
    if (outputs.correct) expectElements(outputs.correct, () => valid.filter((r) => chosen(r) === at(labels, r)).length);
    const entropy = (r: number) => -total(vocabulary, (c) => Math.exp(table[r]![c]! - logSum(table[r]!)) * (table[r]![c]! - logSum(table[r]!)));
    if (outputs.entropySum) expectElements(outputs.entropySum, () => valid.reduce((sum, r) => sum + entropy(r), 0));
    if (outputs.nllSum)
      expectElements(outputs.nllSum, () => total(rows, (r) => (at(labels, r) === -100 ? 0 : logSum(table[r]!) - table[r]![at(labels, r)]!)));
    if (outputs.dX) expectElements(outputs.dX, ([r, i]) => total(vocabulary, (c) => slope(r!, c) * at(weight, c, i!)));
    if (outputs.dWeight) expectElements(outputs.dWeight, ([c, i]) => total(rows, (r) => slope(r, c!) * at(x, r, i!)));
  });

  test('golden value of spec section 11', () => {
    const { nllSum } = run(
      {
        x: [
          [1, 3],
          [2, 1, 0],
        ],
        weight: [
          [3, 3],
          [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ],
      },
      (b, { x, weight }) => ({
        nllSum: b.linearCrossEntropy(x!, weight!, b.constant(0, 'i32', [1]), { chunkRows: 4, weightGradient: false }).nllSum,
      }),
    );
    expect(nllSum![0]).toBeCloseTo(0.407606, 6);
  });
});

type Floats = Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;

/** Outputs of a graph over f32 inputs given as [shape, values]. */
function run(inputs: Floats, outputs: (b: GraphBuilder, values: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>) {
  const b = new GraphBuilder('vector');
  const values = Object.entries(inputs).map(([name, [shape]]) => [name, b.input(name, { dtype: 'f32', shape })] as const);
  for (const [name, value] of Object.entries(outputs(b, Object.fromEntries(values)))) b.output(name, value);
  const tensors = Object.entries(inputs).map(([name, [shape, data]]) => [name, { dtype: 'f32', shape, data: Float64Array.from(data) }] as const);
  const found = evaluator(b.finish())(new Map(tensors));
  return Object.fromEntries([...found].map(([name, { data }]) => [name, data]));
}

test('adamw gives the vector of spec 5.2', () => {
  let state: { p: readonly number[]; m: readonly number[]; v: readonly number[] } = { p: [1, -2], m: [0, 0], v: [0, 0] };
  const params = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
  const wanted = [
    [0.89900005, -1.898],
    [0.81779695, -1.8449994],
  ];
  [
    [0.5, -1],
    [0.1, 0.2],
  ].forEach((g, step) => {
    const scalars = { factor: 1, rate: 0.1, correction1: 1 - 0.9 ** (step + 1), correction2: 1 - 0.999 ** (step + 1) };
    const vectors = Object.entries({ p: state.p, g, m: state.m, v: state.v }).map(([name, data]) => [name, [[2], data]] as const);
    const inputs = { ...Object.fromEntries(vectors), ...Object.fromEntries(Object.entries(scalars).map(([name, x]) => [name, [[], [x]]] as const)) };
    const found = run(inputs, (b, values) => {
      const names = ['p', 'g', 'm', 'v', 'factor', 'rate', 'correction1', 'correction2'];
      const [p, m, v] = b.append(
        'adamw',
        names.map((name) => values[name]!),
        params,
      );
      return { p: p!, m: m!, v: v! };
    });
    state = { p: [...found.p!], m: [...found.m!], v: [...found.v!] };
    // The vector was computed in f32: one unit in the last place of 2 is 2.4e-7.
    state.p.forEach((value, i) => expect(Math.abs(value - wanted[step]![i]!)).toBeLessThan(2.4e-7));
  });
});

test('globalNormClip gives the vector of spec 5.3', () => {
  const gradients = [3, 4, ...Array.from({ length: 4094 }, () => 0)];
  const clip = (maxNorm: number) => run({ g: [[4096], gradients] }, (b, { g }) => ({ ...b.globalNormClip(g!, maxNorm) }));
  const { norm, factor } = clip(1);
  expect(norm![0]).toBe(5);
  expect(3 * factor![0]!).toBeCloseTo(0.5999999, 7);
  expect(4 * factor![0]!).toBeCloseTo(0.79999983, 7);
  expect(clip(10).factor![0]).toBe(1);
  expect(clip(0)).toMatchObject({ norm: { 0: 5 }, factor: { 0: 1 } });
});
