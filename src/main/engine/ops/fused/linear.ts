import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Decomposition } from './decomposition.ts';

export interface LinearInputs {
  readonly x: Value;
  readonly weight: Value;
  readonly bias: Value | null;
  readonly loraA: Value | null;
  readonly loraB: Value | null;
}

/** The inputs by name; their number follows from the parameters. */
export function linearInputs(inputs: readonly Value[], params: { readonly bias: boolean; readonly lora: boolean }): LinearInputs {
  const [x, weight] = inputs as [Value, Value];
  const lora = params.lora ? inputs.slice(-2) : [];
  return { x, weight, bias: params.bias ? inputs[2]! : null, loraA: lora[0] ?? null, loraB: lora[1] ?? null };
}

/** [..rows, n] as [R, n], the form in which one matmul serves any number of leading axes. */
export function asRows(b: GraphBuilder, x: Value): Value {
  const { shape } = x.type;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return shape.length === 2 ? x : b.reshape(x, [rows, shape.at(-1)!]);
}

function withLeading(b: GraphBuilder, rows: Value, leading: readonly number[]): Value {
  return leading.length === 1 ? rows : b.reshape(rows, [...leading, rows.type.shape[1]!]);
}

export const decomposeLinear: Decomposition<'linear'> = (b, inputs, params) => {
  const { x, weight, bias, loraA, loraB } = linearInputs(inputs, params);
  const leading = x.type.shape.slice(0, -1);
  const rows = asRows(b, x);
  const product = b.matmul(rows, weight, { transB: true });
  const base = bias ? b.add(product, bias) : product;
  if (!loraA || !loraB) return [withLeading(b, base, leading)];
  const p = b.matmul(rows, b.cast(loraA, x.type.dtype), { transB: true });
  const delta = b.matmul(b.mul(p, params.scale), b.cast(loraB, x.type.dtype), { transB: true });
  return [withLeading(b, b.add(base, delta), leading), withLeading(b, p, leading)];
};
