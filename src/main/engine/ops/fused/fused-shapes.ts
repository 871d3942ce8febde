/** @file Shape rules of the fused ops: a table, in the order of `ir/op-types.ts`. */
import type { ShapeRule } from '../../ir/builder.ts';
import { formatType, type TensorType } from '../../ir/graph.ts';
import type { FusedOp } from '../../ir/op-types.ts';
import { refuse, requireDType, requireFloat, requireRank, requireShape, takeInputs } from '../check.ts';

const scalar = { dtype: 'f32', shape: [] } as const satisfies TensorType;

function sameTypes(op: FusedOp, inputs: readonly TensorType[]): void {
  const first = inputs[0]!;
  requireFloat(op, 'input', first);
  for (const type of inputs) {
    requireShape(op, 'input', type, first.shape);
    requireDType(op, 'input', type, first.dtype);
  }
}

function checkNorm(op: 'rmsNorm' | 'rmsNormBackward' | 'layerNorm' | 'layerNormBackward', x: TensorType, weight: TensorType): void {
  requireFloat(op, 'x', x);
  requireShape(op, 'weight', weight, [x.shape.at(-1) ?? refuse(op, 'x must have rank 1 or more')]);
  requireDType(op, 'weight', weight, x.dtype);
}

function checkAttention(op: 'attention' | 'attentionBackward', qkv: readonly TensorType[], ranges: readonly TensorType[]): void {
  const [q, k, v] = qkv as [TensorType, TensorType, TensorType];
  for (const type of [q, k, v]) requireRank(op, 'q, k, v', type, 4);
  const [b, t, h, d] = q.shape as [number, number, number, number];
  const [, s, kv] = k.shape as [number, number, number, number];
  requireShape(op, 'k', k, [b, s, kv, d]);
  requireShape(op, 'v', v, k.shape);
  for (const type of [q, k, v]) requireDType(op, 'q, k, v', type, q.dtype);
  if (h % kv !== 0) refuse(op, `${h} query heads are no multiple of ${kv} key heads`);
  if (ranges.length === 0 && t !== s) refuse(op, `causal needs as many keys as queries, got ${formatType(q)} and ${formatType(k)}`);
  for (const range of ranges) {
    requireDType(op, 'first and last', range, 'i32');
    requireShape(op, 'first and last', range, [b, t]);
  }
}

export const fusedShapes: { readonly [K in FusedOp]: ShapeRule<K> } = {
  linear: (inputs, { bias, lora }) => {
    takeInputs('linear', inputs, 2 + (bias ? 1 : 0) + (lora ? 2 : 0));
    const [x, weight] = inputs as [TensorType, TensorType];
    requireFloat('linear', 'x', x);
    requireRank('linear', 'weight', weight, 2);
    requireDType('linear', 'weight', weight, x.dtype);
    const [out, width] = weight.shape as [number, number];
    const rows = x.shape.slice(0, -1);
    if (x.shape.at(-1) !== width) refuse('linear', `x ${formatType(x)} does not fit weight ${formatType(weight)}`);
    if (bias) {
      requireShape('linear', 'bias', inputs[2]!, [out]);
      requireDType('linear', 'bias', inputs[2]!, x.dtype);
    }
    const y: TensorType = { dtype: x.dtype, shape: [...rows, out] };
    if (!lora) return [y];
    const [a, b] = inputs.slice(-2) as [TensorType, TensorType];
    requireRank('linear', 'loraA', a, 2);
    requireShape('linear', 'loraA', a, [a.shape[0]!, width]);
    requireShape('linear', 'loraB', b, [out, a.shape[0]!]);
    for (const factor of [a, b]) requireDType('linear', 'loraA and loraB', factor, 'f32');
    return [y, { dtype: x.dtype, shape: [...rows, a.shape[0]!] }];
  },
  rmsNorm: (inputs) => {
    const [x, weight] = takeInputs('rmsNorm', inputs, 2);
    checkNorm('rmsNorm', x!, weight!);
    return [x!];
  },
  rmsNormBackward: (inputs, { weightGradient }) => {
    const [x, weight, dY] = takeInputs('rmsNormBackward', inputs, 3);
    checkNorm('rmsNormBackward', x!, weight!);
    sameTypes('rmsNormBackward', [x!, dY!]);
    return weightGradient ? [x!, { dtype: 'f32', shape: weight!.shape }] : [x!];
  },
  layerNorm: (inputs) => {
    const [x, weight, bias] = takeInputs('layerNorm', inputs, 3);
    checkNorm('layerNorm', x!, weight!);
    sameTypes('layerNorm', [weight!, bias!]);
    return [x!];
  },
  layerNormBackward: (inputs, { weightGradient }) => {
    const [x, weight, dY] = takeInputs('layerNormBackward', inputs, 3);
    checkNorm('layerNormBackward', x!, weight!);
    sameTypes('layerNormBackward', [x!, dY!]);
    const parameter = { dtype: 'f32', shape: weight!.shape } as const;
    return weightGradient ? [x!, parameter, parameter] : [x!];
  },
  rope: (inputs) => {
    const [x, cos, sin] = takeInputs('rope', inputs, 3);
    requireRank('rope', 'x', x!, 4);
    requireFloat('rope', 'x', x!);
    const [b, t, , d] = x!.shape as [number, number, number, number];
    if (d % 2 !== 0) refuse('rope', `head size must be even, got ${formatType(x!)}`);
    for (const table of [cos!, sin!]) {
      requireShape('rope', 'cos and sin', table, [b, t, d / 2]);
      requireDType('rope', 'cos and sin', table, 'f32');
    }
    return [x!];
  },
  swiglu: (inputs) => {
    sameTypes('swiglu', takeInputs('swiglu', inputs, 2));
    return [inputs[0]!];
  },
  swigluBackward: (inputs) => {
    sameTypes('swigluBackward', takeInputs('swigluBackward', inputs, 3));
    return [inputs[0]!, inputs[0]!];
  },
  attention: (inputs, { mask }) => {
    takeInputs('attention', inputs, mask === 'range' ? 5 : 3);
    checkAttention('attention', inputs.slice(0, 3), inputs.slice(3));
    const [b, t, h] = inputs[0]!.shape as [number, number, number];
    return [inputs[0]!, { dtype: 'f32', shape: [b, h, t] }];
  },
  attentionBackward: (inputs, { mask }) => {
    takeInputs('attentionBackward', inputs, mask === 'range' ? 8 : 6);
    const [q, k, v, out, lse, dOut] = inputs as [TensorType, TensorType, TensorType, TensorType, TensorType, TensorType];
    checkAttention('attentionBackward', [q, k, v], inputs.slice(6));
    sameTypes('attentionBackward', [q, out, dOut]);
    requireShape('attentionBackward', 'lse', lse, [q.shape[0]!, q.shape[2]!, q.shape[1]!]);
    return [q, k, v];
  },
  linearCrossEntropy: (inputs, { chunkRows, weightGradient }) => {
    const [x, weight, labels] = takeInputs('linearCrossEntropy', inputs, 3);
    requireFloat('linearCrossEntropy', 'x', x!);
    requireRank('linearCrossEntropy', 'x', x!, 2);
    requireRank('linearCrossEntropy', 'weight', weight!, 2);
    requireDType('linearCrossEntropy', 'weight', weight!, x!.dtype);
    requireShape('linearCrossEntropy', 'weight', weight!, [weight!.shape[0]!, x!.shape[1]!]);
    requireDType('linearCrossEntropy', 'labels', labels!, 'i32');
    requireShape('linearCrossEntropy', 'labels', labels!, [x!.shape[0]!]);
    if (!Number.isInteger(chunkRows) || chunkRows < 1) refuse('linearCrossEntropy', `chunkRows must be positive, got ${chunkRows}`);
    return [scalar, x!, scalar, scalar, ...(weightGradient ? [{ dtype: 'f32', shape: weight!.shape } as const] : [])];
  },
  globalNormClip: (inputs) => {
    const [g] = takeInputs('globalNormClip', inputs, 1);
    requireDType('globalNormClip', 'gradients', g!, 'f32');
    requireRank('globalNormClip', 'gradients', g!, 1);
    if (g!.shape[0]! % 4096 !== 0) refuse('globalNormClip', `length must be a multiple of 4096, got ${formatType(g!)}`);
    return [scalar, scalar];
  },
  adamw: (inputs) => {
    takeInputs('adamw', inputs, 8);
    sameTypes('adamw', inputs.slice(0, 4));
    requireDType('adamw', 'p, g, m, v', inputs[0]!, 'f32');
    for (const value of inputs.slice(4)) requireShape('adamw', 'factor, rate and corrections', value, []);
    return [inputs[0]!, inputs[0]!, inputs[0]!];
  },
};
