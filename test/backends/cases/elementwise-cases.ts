import type { DType } from '../../../src/main/engine/ir/dtype.ts';
import type { ArithmeticOp, CompareOp, FloatUnaryOp } from '../../../src/main/engine/ops/core/elementwise-shapes.ts';
import { between, bool, exactly, float, int, integers, opCase, type Fill, type OpCase } from '../op-case.ts';

const UNARY: { readonly [K in FloatUnaryOp]: Fill } = {
  neg: between(-2, 2),
  exp: between(-4, 4),
  log: between(0.05, 5),
  sqrt: between(0.05, 5),
  tanh: between(-3, 3),
  sigmoid: between(-6, 6),
  sin: between(-7, 7),
  cos: between(-7, 7),
  abs: between(-2, 2),
  erf: between(-3, 3),
};

const unaryCases = (Object.keys(UNARY) as FloatUnaryOp[]).flatMap((op) =>
  (
    [
      ['f32', []],
      ['f32', [7, 33]],
      ['f32', [4099]],
      ['bf16', [3, 31]],
    ] as const
  ).map(([dtype, shape]) =>
    opCase({
      name: `${dtype} [${shape.join(', ')}]`,
      op,
      inputs: { x: float(shape, dtype, UNARY[op]) },
      outputs: (b, { x }) => ({ y: b[op](x) }),
      wrt: dtype === 'f32' ? ['x'] : [],
    }),
  ),
);

/** Equal shapes, both sides broadcast, a scalar, a row, an outer axis; every size odd or 1. */
const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [7, 33],
    [7, 33],
  ],
  [
    [3, 1, 31],
    [7, 1],
  ],
  [[33], []],
  [[3, 7, 31], [31]],
  [
    [1, 33],
    [7, 1],
  ],
];

/** Divisors stay away from 0. */
const away: Fill = (uniform) => (uniform() < 0.5 ? -1 : 1) * (0.3 + 2 * uniform());

const arithmeticCases = (['add', 'sub', 'mul', 'div', 'max', 'min'] as const satisfies readonly ArithmeticOp[]).flatMap((op) => [
  ...PAIRS.flatMap(([first, second]) =>
    (['f32', 'bf16'] as const).map((dtype) =>
      opCase({
        name: `${dtype} [${first.join(', ')}] [${second.join(', ')}]`,
        op,
        inputs: { x: float(first, dtype), y: float(second, dtype, away) },
        outputs: (b, { x, y }) => ({ z: b[op](x, y) }),
        wrt: dtype === 'f32' ? ['x', 'y'] : [],
      }),
    ),
  ),
  ...(op === 'div'
    ? []
    : [
        opCase({
          name: 'i32 [7, 33] [33]',
          op,
          inputs: { x: int([7, 33], -1000, 1000), y: int([33], -1000, 1000) },
          outputs: (b, { x, y }) => ({ z: b[op](x, y) }),
        }),
      ]),
]);

const compareCases = (['equal', 'less', 'lessEqual'] as const satisfies readonly CompareOp[]).flatMap((op) =>
  (['f32', 'bf16', 'i32'] as const).map((dtype) =>
    opCase({
      name: `${dtype} [7, 1, 33] [3, 1]`,
      op,
      inputs: { x: float([7, 1, 33], dtype, integers(-2, 2)), y: float([3, 1], dtype, integers(-2, 2)) },
      outputs: (b, { x, y }) => ({ z: b[op](x, y) }),
    }),
  ),
);

const logicCases: readonly OpCase[] = [
  opCase({ name: '[7, 33] [33]', op: 'and', inputs: { x: bool([7, 33]), y: bool([33]) }, outputs: (b, { x, y }) => ({ z: b.and(x, y) }) }),
  opCase({ name: '[3, 31]', op: 'not', inputs: { x: bool([3, 31]) }, outputs: (b, { x }) => ({ y: b.not(x) }) }),
  ...(['f32', 'bf16'] as const).map((dtype) =>
    opCase({
      name: `${dtype} broadcast`,
      op: 'where',
      inputs: { condition: bool([3, 1, 31]), x: float([7, 31], dtype), y: float([1], dtype) },
      outputs: (b, { condition, x, y }) => ({ z: b.where(condition, x, y) }),
      wrt: dtype === 'f32' ? ['x', 'y'] : [],
    }),
  ),
  opCase({
    name: 'i32 scalar condition',
    op: 'where',
    inputs: { condition: bool([]), x: int([33], -9, 9), y: int([33], -9, 9) },
    outputs: (b, { condition, x, y }) => ({ z: b.where(condition, x, y) }),
  }),
];

/** Halfway cases, subnormals of f16, overflow of f16 (65520), both zeros. */
const EDGES = [
  0,
  -0,
  1,
  -1,
  1.00390625,
  1.01171875,
  1.0009765625 + 2 ** -11,
  2 ** -24,
  2 ** -25,
  3 * 2 ** -25,
  65519,
  65520,
  -70000,
  1e-30,
  3.5,
  -2.5,
  127.7,
];

const CASTS: readonly (readonly [DType, DType, Fill])[] = [
  ['f32', 'i32', between(-100, 100)],
  ['f32', 'bool', integers(-1, 1)],
  ['bf16', 'f32', between(-3, 3)],
  ['bf16', 'i32', between(-100, 100)],
  ['i32', 'f32', integers(-(2 ** 24), 2 ** 24)],
  ['i32', 'bf16', integers(-1000, 1000)],
  ['i32', 'bool', integers(-1, 1)],
  ['bool', 'f32', integers(0, 1)],
  ['bool', 'i32', integers(0, 1)],
  ['bool', 'bf16', integers(0, 1)],
];

const castCases: readonly OpCase[] = [
  ...CASTS.map(([from, to, fill]) =>
    opCase({
      name: `${from} to ${to}`,
      op: 'cast',
      inputs: { x: { dtype: from, shape: [7, 33], fill } },
      outputs: (b, { x }) => ({ y: b.cast(x, to) }),
    }),
  ),
  ...(['bf16', 'f16'] as const).map((half) =>
    opCase({
      name: `f32 to ${half} and back`,
      op: 'cast',
      inputs: { x: float([EDGES.length], 'f32', exactly(EDGES)), y: float([7, 31]) },
      outputs: (b, { x, y }) => ({ edges: b.cast(b.cast(x, half), 'f32'), plain: b.cast(b.cast(y, half), 'f32') }),
    }),
  ),
];

export const elementwiseCases: readonly OpCase[] = [...unaryCases, ...arithmeticCases, ...compareCases, ...logicCases, ...castCases];
