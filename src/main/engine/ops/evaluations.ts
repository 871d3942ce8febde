import { isHalf, roundToHalf } from '../ir/float-bits.ts';
import type { TensorType } from '../ir/graph.ts';
import type { CoreOp, OpParams } from '../ir/op-types.ts';
import { elementwiseEvaluations } from './core/elementwise.ts';
import { indexingEvaluations } from './core/indexing.ts';
import { layoutEvaluations } from './core/layout.ts';
import { matmulEvaluations } from './core/matmul.ts';
import { reduceEvaluations } from './core/reduce.ts';
import { sourceEvaluations } from './core/source.ts';
import { allocate, type Evaluation, type Tensor } from './core/tensor.ts';

/** What every core op computes. */
export const evaluations: { readonly [K in CoreOp]: Evaluation<K> } = {
  ...elementwiseEvaluations,
  ...reduceEvaluations,
  ...matmulEvaluations,
  ...layoutEvaluations,
  ...indexingEvaluations,
  ...sourceEvaluations,
};

export const CORE_OPS = Object.keys(evaluations) as readonly CoreOp[];

/** Runs one core op. Results of dtype bf16 and f16 are rounded to it; f32 stays in float64. */
export function evaluate<K extends CoreOp>(op: K, inputs: readonly Tensor[], params: OpParams[K], type: TensorType): Tensor {
  const output = allocate(type);
  (evaluations[op] as Evaluation<K>)(inputs, params, output);
  const { dtype } = type;
  if (isHalf(dtype)) for (let i = 0; i < output.data.length; i++) output.data[i] = roundToHalf(dtype, output.data[i]!);
  return output;
}
