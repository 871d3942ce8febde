/** @file Cases of the core ops: inputs and tolerances, for every backend. */
import { bool, exactly, float, int, integers, opCase, type OpCase } from '../op-case.ts';
import { elementwiseCases } from './elementwise-cases.ts';

const FLOATS = ['f32', 'bf16'] as const;

const sourceCases: readonly OpCase[] = [
  ...(['f32', 'bf16', 'i32', 'bool'] as const).map((dtype) =>
    opCase({
      name: dtype,
      op: 'constant',
      inputs: {},
      outputs: (b) => ({ full: b.constant(1, dtype, [3, 7]), scalar: b.constant(dtype === 'i32' ? -100 : 1, dtype) }),
    }),
  ),
  opCase({
    name: 'large and small',
    op: 'constant',
    inputs: {},
    outputs: (b) => ({ low: b.constant(-1e30, 'f32'), eps: b.constant(1e-6, 'f32', [1]) }),
  }),
  ...[0, 1, 2].map((axis) => opCase({ name: `axis ${axis}`, op: 'iota', inputs: {}, outputs: (b) => ({ y: b.iota([3, 7, 33], axis) }) })),
  ...[[7, 33], [1], [4099]].map((shape) =>
    opCase({
      name: `[${shape.join(', ')}]`,
      op: 'random',
      inputs: { seed: { dtype: 'i32', shape: [2], fill: (uniform) => Math.floor((uniform() - 0.5) * 2 ** 32) } },
      outputs: (b, { seed }) => ({ first: b.random(seed, shape, 0), other: b.random(seed, shape, 7) }),
    }),
  ),
];

const reduceCases: readonly OpCase[] = FLOATS.flatMap((dtype) => {
  const wrt = dtype === 'f32' ? (['x'] as const) : [];
  return [
    ...([[[0]], [[1]], [[2]], [[0, 2]], [[1, 2]], [[0, 1, 2]]] as const).flatMap(([axes]) =>
      [true, false].map((keepDims) =>
        opCase({
          name: `${dtype} axes ${axes.join(' ')}${keepDims ? ' kept' : ''}`,
          op: 'sum',
          inputs: { x: float([3, 7, 31], dtype) },
          outputs: (b, { x }) => ({ y: b.sum(x, axes, keepDims) }),
          wrt,
        }),
      ),
    ),
    opCase({ name: `${dtype} long row`, op: 'sum', inputs: { x: float([3, 4099], dtype) }, outputs: (b, { x }) => ({ y: b.sum(x, [1]) }), wrt }),
    ...[0, 1, 2].map((axis) =>
      opCase({
        name: `${dtype} axis ${axis}`,
        op: 'reduceMax',
        inputs: { x: float([3, 7, 33], dtype) },
        outputs: (b, { x }) => ({ y: b.reduceMax(x, [axis], true), flat: b.reduceMax(x, [0, 1, 2]) }),
        wrt,
      }),
    ),
    ...[0, 1].map((axis) =>
      opCase({
        name: `${dtype} axis ${axis} with ties`,
        op: 'argmax',
        inputs: { x: float([7, 33], dtype, integers(-4, 4)) },
        outputs: (b, { x }) => ({ y: b.argmax(x, axis) }),
      }),
    ),
  ];
});

const SIZES = [
  [1, 1, 1],
  [3, 31, 7],
  [33, 7, 31],
  [65, 129, 33],
] as const;

const matmulCases: readonly OpCase[] = [
  ...SIZES.flatMap(([m, k, n]) =>
    [false, true].flatMap((transA) =>
      [false, true].flatMap((transB) =>
        FLOATS.map((dtype) =>
          opCase({
            name: `${dtype} ${m}x${k}x${n}${transA ? ' transA' : ''}${transB ? ' transB' : ''}`,
            op: 'matmul',
            inputs: { x: float(transA ? [k, m] : [m, k], dtype), y: float(transB ? [n, k] : [k, n], dtype) },
            outputs: (b, { x, y }) => ({ z: b.matmul(x, y, { transA, transB }) }),
            wrt: dtype === 'f32' ? ['x', 'y'] : [],
          }),
        ),
      ),
    ),
  ),
  opCase({
    name: 'bf16 with f32 result',
    op: 'matmul',
    inputs: { x: float([7, 33], 'bf16'), y: float([5, 33], 'bf16') },
    outputs: (b, { x, y }) => ({ z: b.matmul(x, y, { transB: true, dtype: 'f32' }) }),
  }),
  ...(
    [
      [[2, 1], [3]],
      [[3], [2, 1]],
      [[], [3]],
      [
        [3, 2],
        [3, 2],
      ],
    ] as const
  ).map(([first, second]) =>
    opCase({
      name: `leading axes [${first.join(', ')}] [${second.join(', ')}]`,
      op: 'matmul',
      inputs: { x: float([...first, 5, 7]), y: float([...second, 7, 3]) },
      outputs: (b, { x, y }) => ({ z: b.matmul(x, y) }),
      wrt: ['x', 'y'],
    }),
  ),
];

const layoutCases: readonly OpCase[] = FLOATS.flatMap((dtype) => {
  const x = float([3, 7, 11], dtype);
  const wrt = dtype === 'f32' ? (['x'] as const) : [];
  const one = (name: string, op: OpCase['op'], outputs: Parameters<typeof opCase<{ x: typeof x }>>[0]['outputs']) =>
    opCase({ name: `${dtype} ${name}`, op, inputs: { x }, outputs, wrt });
  return [
    one('[3, 77]', 'reshape', (b, { x }) => ({ y: b.reshape(x, [3, 77]), z: b.reshape(x, [1, 231, 1]) })),
    ...[
      [0, 2, 1],
      [2, 0, 1],
      [1, 0, 2],
      [2, 1, 0],
    ].map((perm) => one(perm.join(' '), 'transpose', (b, { x }) => ({ y: b.transpose(x, perm) }))),
    one('leading', 'broadcast', (b, { x }) => ({ y: b.broadcast(x, [2, 3, 7, 11]) })),
    one('middle', 'broadcast', (b, { x }) => ({ y: b.broadcast(b.reshape(x, [3, 7, 1, 11]), [3, 7, 5, 11]) })),
    one('inside', 'slice', (b, { x }) => ({ y: b.slice(x, [1, 2, 3], [2, 3, 7]), whole: b.slice(x, [0, 0, 0], [3, 7, 11]) })),
    ...[0, 1, 2].map((axis) => one(`axis ${axis}`, 'concat', (b, { x }) => ({ y: b.concat([x, b.sliceAxis(x, axis, 1, 2), b.mul(x, 2)], axis) }))),
    one('around', 'pad', (b, { x }) => ({ y: b.pad(x, [1, 0, 2], [0, 3, 1]) })),
  ];
});

/** Token ids, positions and masks take these ways too. */
const intLayoutCases: readonly OpCase[] = [
  opCase({ name: 'i32', op: 'reshape', inputs: { x: int([7, 3], -9, 9) }, outputs: (b, { x }) => ({ y: b.reshape(x, [3, 7]) }) }),
  opCase({ name: 'i32', op: 'slice', inputs: { x: int([33], -9, 9) }, outputs: (b, { x }) => ({ y: b.slice(x, [3], [7]) }) }),
  opCase({ name: 'i32', op: 'broadcast', inputs: { x: int([7, 1], -9, 9) }, outputs: (b, { x }) => ({ y: b.broadcast(x, [7, 3]) }) }),
  ...(
    [
      ['f32', []],
      ['bf16', [3, 7]],
      ['i32', [7]],
    ] as const
  ).map(([dtype, shape]) =>
    opCase({
      name: `${dtype} [${shape.join(', ')}]`,
      op: 'after',
      inputs: { x: dtype === 'i32' ? int(shape, -9, 9) : float(shape, dtype), y: float([5, 3]) },
      outputs: (b, { x, y }) => ({ z: b.after(x, b.exp(y)) }),
    }),
  ),
  opCase({ name: 'bool', op: 'transpose', inputs: { x: bool([7, 3]) }, outputs: (b, { x }) => ({ y: b.transpose(x, [1, 0]) }) }),
];

const indexingCases: readonly OpCase[] = [
  ...FLOATS.flatMap((dtype) => {
    const wrt = dtype === 'f32' ? (['table'] as const) : [];
    return [[3, 7], [33], []].map((index) =>
      opCase({
        name: `${dtype} index [${index.join(', ')}]`,
        op: 'gather',
        inputs: { table: float([11, 31], dtype), index: int(index, 0, 10) },
        outputs: (b, { table, index: rows }) => ({ y: b.gather(table, rows) }),
        wrt,
      }),
    );
  }),
  opCase({
    name: 'i32 vector',
    op: 'gather',
    inputs: { table: int([31], -99, 99), index: int([7], 0, 30) },
    outputs: (b, { table, index }) => ({ y: b.gather(table, index) }),
  }),
  ...FLOATS.flatMap((dtype) =>
    (['add', 'set'] as const).map((mode) =>
      opCase({
        name: `${dtype} ${mode}`,
        op: 'scatter',
        inputs: {
          base: float([11, 3, 7], dtype),
          index: { dtype: 'i32', shape: [5], fill: exactly(mode === 'add' ? [3, 0, 3, 10, 3] : [3, 0, 7, 10, 1]) },
          updates: float([5, 3, 7], dtype),
        },
        outputs: (b, { base, index, updates }) => ({ y: b.scatter(base, index, updates, mode) }),
        wrt: dtype === 'f32' ? ['base', 'updates'] : [],
      }),
    ),
  ),
];

export const coreCases: readonly OpCase[] = [
  ...elementwiseCases,
  ...sourceCases,
  ...reduceCases,
  ...matmulCases,
  ...layoutCases,
  ...intLayoutCases,
  ...indexingCases,
];
