/** @file Cases of the fused ops: one table, long because attention, loss and linear each have many shapes that matter. */
import type { Value } from '../../../src/main/engine/ir/graph.ts';
import { between, exactly, float, opCase, type InputSpec, type OpCase } from '../op-case.ts';

const FLOATS = ['f32', 'bf16'] as const;
type FloatDType = (typeof FLOATS)[number];

function when<T>(dtype: FloatDType, names: readonly T[]): readonly T[] {
  return dtype === 'f32' ? names : [];
}

function linearCase(
  dtype: FloatDType,
  rows: readonly number[],
  [width, out, rank]: readonly [number, number, number],
  bias: boolean,
  lora: boolean,
): OpCase {
  const inputs: Record<string, InputSpec> = {
    x: float([...rows, width], dtype),
    weight: float([out, width], dtype),
    ...(bias ? { bias: float([out], dtype) } : {}),
    ...(lora ? { loraA: float([rank, width]), loraB: float([out, rank]) } : {}),
  };
  return opCase({
    name: `${dtype} [${rows.join(', ')}] ${width} to ${out}${bias ? ' bias' : ''}${lora ? ` lora ${rank}` : ''}`,
    op: 'linear',
    inputs,
    outputs: (b, { x, weight, bias: offset, loraA, loraB }) => {
      const adapter = loraA && loraB ? { a: loraA, b: loraB, scale: 1.75 } : null;
      const { y, p } = b.linear(x!, weight!, { bias: offset ?? null, lora: adapter });
      return p ? { y, p } : { y };
    },
    wrt: when(dtype, Object.keys(inputs)),
  });
}

const linearCases = FLOATS.flatMap((dtype) => [
  linearCase(dtype, [7], [33, 31, 3], false, false),
  linearCase(dtype, [1], [31, 7, 1], true, false),
  linearCase(dtype, [3, 7], [33, 31, 5], true, true),
  linearCase(dtype, [33], [64, 65, 8], false, true),
  linearCase(dtype, [], [7, 3, 2], true, true),
]);

const normCases = FLOATS.flatMap((dtype) =>
  [
    [1, 7],
    [7, 33],
    [3, 5, 65],
  ].flatMap((shape) => {
    const inputs = { x: float(shape, dtype), weight: float([shape.at(-1)!], dtype), dY: float(shape, dtype) };
    const { dY: _, ...forward } = inputs;
    return [
      opCase({
        name: `${dtype} [${shape.join(', ')}]`,
        op: 'rmsNorm',
        inputs: forward,
        outputs: (b, { x, weight }) => ({ y: b.rmsNorm(x, weight, 1e-5) }),
        wrt: when(dtype, ['x', 'weight'] as const),
      }),
      ...[true, false].map((weightGradient) =>
        opCase({
          name: `${dtype} [${shape.join(', ')}]${weightGradient ? ' with weight' : ''}`,
          op: 'rmsNormBackward',
          inputs,
          outputs: (b, { x, weight, dY }) => {
            const [dX, dWeight] = b.append('rmsNormBackward', [x, weight, dY], { eps: 1e-5, weightGradient });
            return dWeight ? { dX: dX!, dWeight } : { dX: dX! };
          },
        }),
      ),
    ];
  }),
);

const layerNormCases = FLOATS.flatMap((dtype) =>
  [
    [1, 7],
    [7, 33],
    [3, 5, 65],
  ].flatMap((shape) => {
    const width = [shape.at(-1)!];
    const inputs = { x: float(shape, dtype, between(-1, 3)), weight: float(width, dtype), bias: float(width, dtype), dY: float(shape, dtype) };
    const { dY: _, ...forward } = inputs;
    const { bias: __, ...backward } = inputs;
    return [
      opCase({
        name: `${dtype} [${shape.join(', ')}]`,
        op: 'layerNorm',
        inputs: forward,
        outputs: (b, { x, weight, bias }) => ({ y: b.layerNorm(x, weight, bias, 1e-5) }),
        wrt: when(dtype, ['x', 'weight', 'bias'] as const),
      }),
      ...[true, false].map((weightGradient) =>
        opCase({
          name: `${dtype} [${shape.join(', ')}]${weightGradient ? ' with weight' : ''}`,
          op: 'layerNormBackward',
          inputs: backward,
          outputs: (b, { x, weight, dY }) => {
            const [dX, dWeight, dBias] = b.append('layerNormBackward', [x, weight, dY], { eps: 1e-5, weightGradient });
            return dWeight && dBias ? { dX: dX!, dWeight, dBias } : { dX: dX! };
          },
        }),
      ),
    ];
  }),
);

const activationCases = FLOATS.flatMap((dtype) => [
  ...[
    [1, 3],
    [7, 33],
    [3, 7, 31],
  ].flatMap((shape) => {
    const range = between(-5, 5);
    const inputs = { gate: float(shape, dtype, range), up: float(shape, dtype), dOut: float(shape, dtype) };
    const { dOut: _, ...forward } = inputs;
    return [
      opCase({
        name: `${dtype} [${shape.join(', ')}]`,
        op: 'swiglu',
        inputs: forward,
        outputs: (b, { gate, up }) => ({ y: b.swiglu(gate, up) }),
        wrt: when(dtype, ['gate', 'up'] as const),
      }),
      opCase({
        name: `${dtype} [${shape.join(', ')}]`,
        op: 'swigluBackward',
        inputs,
        outputs: (b, { gate, up, dOut }) => {
          const [dGate, dUp] = b.append('swigluBackward', [gate, up, dOut], {});
          return { dGate: dGate!, dUp: dUp! };
        },
      }),
    ];
  }),
  ...[false, true].flatMap((inverse) =>
    (
      [
        [1, 1, 1, 2],
        [2, 7, 3, 10],
        [1, 33, 5, 64],
      ] as const
    ).map(([batch, tokens, heads, headDim]) =>
      opCase({
        name: `${dtype} ${batch}x${tokens}x${heads}x${headDim}${inverse ? ' inverse' : ''}`,
        op: 'rope',
        inputs: {
          x: float([batch, tokens, heads, headDim], dtype),
          cos: float([batch, tokens, headDim / 2], 'f32', between(-1, 1)),
          sin: float([batch, tokens, headDim / 2], 'f32', between(-1, 1)),
        },
        outputs: (b, { x, cos, sin }) => ({ y: b.rope(x, cos, sin, inverse) }),
        wrt: when(dtype, ['x'] as const),
      }),
    ),
  ),
]);

interface AttentionSizes {
  readonly batch: number;
  readonly queries: number;
  readonly heads: number;
  readonly keys: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Ranges of all kinds: empty (first after last), one key, a window, everything. */
function rangeInputs({ batch, queries, keys }: AttentionSizes): { first: InputSpec; last: InputSpec } {
  const bounds = Array.from({ length: batch * queries }, (_, i) => {
    const kinds = [
      [0, keys - 1],
      [i % keys, i % keys],
      [1, 0],
      [Math.min(1, keys - 1), keys - 1],
      [0, i % keys],
    ] as const;
    return kinds[i % kinds.length]!;
  });
  const input = (values: readonly number[]): InputSpec => ({ dtype: 'i32', shape: [batch, queries], fill: exactly(values) });
  return { first: input(bounds.map(([first]) => first)), last: input(bounds.map(([, last]) => last)) };
}

function attentionPair(dtype: FloatDType, mask: 'causal' | 'range', sizes: AttentionSizes): readonly OpCase[] {
  const { batch, queries, heads, keys, kvHeads, headDim } = sizes;
  const scale = 1 / Math.sqrt(headDim);
  const dOut = float([batch, queries, heads, headDim], dtype);
  const inputs: Record<string, InputSpec> = {
    q: float([batch, queries, heads, headDim], dtype),
    k: float([batch, keys, kvHeads, headDim], dtype),
    v: float([batch, keys, kvHeads, headDim], dtype),
    ...(mask === 'range' ? rangeInputs(sizes) : {}),
  };
  const name = `${dtype} ${mask} ${batch}x${queries}x${heads} over ${keys}x${kvHeads}, head ${headDim}`;
  const rangeOf = ({ first, last }: Readonly<Record<string, Value>>) => (first && last ? { first, last } : undefined);
  return [
    opCase({
      name,
      op: 'attention',
      inputs,
      outputs: (b, values) => ({ out: b.attention(values.q!, values.k!, values.v!, scale, rangeOf(values)).out }),
      wrt: when(dtype, ['q', 'k', 'v']),
    }),
    opCase({
      name,
      op: 'attentionBackward',
      inputs: { ...inputs, dOut } as Record<string, InputSpec>,
      outputs: (b, values) => {
        const range = rangeOf(values);
        const [q, k, v] = [values.q!, values.k!, values.v!];
        const { out, lse } = b.attention(q, k, v, scale, range);
        const extra = range ? [range.first, range.last] : [];
        const [dQ, dK, dV] = b.append('attentionBackward', [q, k, v, out, lse, values.dOut!, ...extra], { scale, mask });
        return { dQ: dQ!, dK: dK!, dV: dV! };
      },
    }),
  ];
}

const lseCase = opCase({
  name: 'f32 causal log-sum-exp',
  op: 'attention',
  inputs: { q: float([2, 7, 6, 16]), k: float([2, 7, 2, 16]), v: float([2, 7, 2, 16]) },
  outputs: (b, { q, k, v }) => ({ lse: b.attention(q, k, v, 0.25).lse }),
});

const attentionCases: readonly OpCase[] = [
  ...FLOATS.flatMap((dtype) => [
    ...attentionPair(dtype, 'causal', { batch: 1, queries: 1, heads: 1, keys: 1, kvHeads: 1, headDim: 2 }),
    ...attentionPair(dtype, 'causal', { batch: 2, queries: 7, heads: 6, keys: 7, kvHeads: 2, headDim: 16 }),
    ...attentionPair(dtype, 'causal', { batch: 1, queries: 65, heads: 3, keys: 65, kvHeads: 3, headDim: 64 }),
    ...attentionPair(dtype, 'causal', { batch: 3, queries: 33, heads: 7, keys: 33, kvHeads: 1, headDim: 8 }),
    ...attentionPair(dtype, 'range', { batch: 2, queries: 5, heads: 4, keys: 5, kvHeads: 2, headDim: 8 }),
    ...attentionPair(dtype, 'range', { batch: 2, queries: 1, heads: 4, keys: 31, kvHeads: 4, headDim: 64 }),
    ...attentionPair(dtype, 'range', { batch: 1, queries: 7, heads: 3, keys: 33, kvHeads: 1, headDim: 32 }),
  ]),
  lseCase,
];

const lossCases = FLOATS.flatMap((dtype) =>
  (
    [
      [1, 3, 5, 4],
      [7, 33, 31, 3],
      [33, 16, 65, 33],
      [31, 7, 129, 8],
    ] as const
  ).flatMap(([rows, width, vocabulary, chunkRows]) =>
    [true, false].map((weightGradient) =>
      opCase({
        name: `${dtype} ${rows}x${width}x${vocabulary} by ${chunkRows}${weightGradient ? ' with weight' : ''}`,
        op: 'linearCrossEntropy',
        inputs: {
          x: float([rows, width], dtype),
          weight: float([vocabulary, width], dtype),
          // Every fifth row is ignored; the first and last columns of the vocabulary occur.
          labels: { dtype: 'i32', shape: [rows], fill: (_, i) => (i % 5 === 4 ? -100 : i % 5 === 1 ? vocabulary - 1 : (i * 7) % vocabulary) },
        },
        outputs: (b, { x, weight, labels }) => {
          const { dWeight, ...sums } = b.linearCrossEntropy(x, weight, labels, { chunkRows, weightGradient });
          return dWeight ? { ...sums, dWeight } : sums;
        },
      }),
    ),
  ),
);

/** Only the loss is differentiable, so its gradient has cases of its own. */
const lossGradientCases = [true, false].map((weightGradient) =>
  opCase({
    name: `f32 loss alone${weightGradient ? ' with weight' : ''}`,
    op: 'linearCrossEntropy',
    inputs: { x: float([7, 5]), weight: float([11, 5]), labels: { dtype: 'i32', shape: [7], fill: exactly([0, 10, -100, 3, 3, -100, 7]) } },
    outputs: (b, { x, weight, labels }) => ({ nllSum: b.linearCrossEntropy(x, weight, labels, { chunkRows: 3, weightGradient }).nllSum }),
    wrt: weightGradient ? ['x', 'weight'] : ['x'],
  }),
);

/** Rows 0 and 1 have their largest logit twice: the first of them counts. Row 2 has all logits alike. */
const tieCase = opCase({
  name: 'f32 largest logits alike',
  op: 'linearCrossEntropy',
  inputs: {
    x: { dtype: 'f32', shape: [4, 1], fill: exactly([1, 1, 0, -1]) },
    weight: { dtype: 'f32', shape: [5, 1], fill: exactly([0, 2, 2, 1, -3]) },
    labels: { dtype: 'i32', shape: [4], fill: exactly([1, 2, 0, 4]) },
  },
  outputs: (b, { x, weight, labels }) => {
    const { correct, entropySum } = b.linearCrossEntropy(x, weight, labels, { chunkRows: 3, weightGradient: false });
    return { correct, entropySum };
  },
});

const optimizerCases: readonly OpCase[] = [
  ...[0, 0.5, 1e6].flatMap((maxNorm) =>
    [4096, 3 * 4096].map((length) =>
      opCase({
        name: `${length} by ${maxNorm}`,
        op: 'globalNormClip',
        inputs: { gradients: float([length]) },
        outputs: (b, { gradients }) => ({ ...b.globalNormClip(gradients, maxNorm) }),
      }),
    ),
  ),
  ...[0, 0.01].flatMap((weightDecay) =>
    [1, 31, 4099].map((length) =>
      opCase({
        name: `${length}, decay ${weightDecay}`,
        op: 'adamw',
        inputs: {
          p: float([length]),
          g: float([length]),
          m: float([length]),
          v: float([length], 'f32', between(0, 1)),
          factor: float([], 'f32', between(0.2, 1)),
          learningRate: float([], 'f32', between(0.001, 0.1)),
          correction1: float([], 'f32', between(0.1, 1)),
          correction2: float([], 'f32', between(0.01, 1)),
        },
        outputs: (b, { p, g, m, v, factor, learningRate, correction1, correction2 }) => {
          const params = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
          const [newP, newM, newV] = b.append('adamw', [p, g, m, v, factor, learningRate, correction1, correction2], params);
          return { p: newP!, m: newM!, v: newV! };
        },
      }),
    ),
  ),
];

export const fusedCases: readonly OpCase[] = [
  ...linearCases,
  ...normCases,
  ...layerNormCases,
  ...activationCases,
  ...attentionCases,
  ...lossCases,
  ...lossGradientCases,
  tieCase,
  ...optimizerCases,
];
