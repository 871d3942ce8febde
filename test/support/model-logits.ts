import type { Value } from '../../src/main/engine/ir/graph.ts';
import type { Model } from '../../src/main/engine/models/model.ts';
import { attendToBatch } from '../../src/main/engine/nn/attention.ts';
import type { Parameters } from '../../src/main/engine/nn/parameters.ts';
import type { GraphBuilder } from '../../src/main/engine/ops/builder.ts';

/** Logits [B * T, vocab] of every position; the program's input is `ids` i32 [B, T]. */
export function modelLogits(b: GraphBuilder, model: Model, parameters: Parameters, shape: readonly [batch: number, tokens: number]): Value {
  const ids = b.input('ids', { dtype: 'i32', shape });
  const positions = b.iota(shape, 1);
  const attend = (layer: number, q: Value, k: Value, v: Value) => attendToBatch(b, model.attention(layer), q, k, v);
  const { x, weight } = model.head({ b, parameters }, model.hidden({ b, parameters, ids, positions, attend }));
  return b.matmul(x, weight, { transB: true });
}
