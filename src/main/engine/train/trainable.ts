/** @file What a run trains, and how the model's layers reach it: an adapter on some linears, or every weight. */
import type { Value } from '../ir/graph.ts';
import type { Model } from '../models/model.ts';
import { LoraParameters, type LoraDropout, type LoraPair } from '../nn/lora-parameters.ts';
import type { LinearSpec, Parameters } from '../nn/parameters.ts';
import { flatSlice, TrainableParameters } from '../nn/trainable-parameters.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import { flatLayout, type FlatLayout } from './flat-layout.ts';

/** An adapted layer with its own rank and scale (rank_pattern and alpha_pattern may vary them). */
export interface LoraTarget {
  readonly linear: LinearSpec;
  readonly rank: number;
  readonly alpha: number;
  /** alpha / rank, or alpha / sqrt(rank) with rsLoRA (spec 6.1) */
  readonly scale: number;
}

export type Trainable =
  | { readonly kind: 'lora'; readonly targets: readonly LoraTarget[]; readonly dropout: number }
  /** Every weight; which of them decay, the model says (spec 5.2). */
  | { readonly kind: 'full' };

/** Layout of the trainable vector: A then B of each target in execution order, or every tensor of the checkpoint. */
export function trainableLayout(model: Pick<Model, 'tensors'>, trainable: Trainable): FlatLayout {
  if (trainable.kind === 'full') {
    const tensors = [...model.tensors];
    const part = (decays: boolean) => tensors.filter(([, tensor]) => tensor.decays === decays).map(([name, { shape }]) => [name, shape] as const);
    // Decayed tensors first, so that weight decay is two runs of the vector and not two for every layer.
    return flatLayout([...part(true), ...part(false)]);
  }
  return flatLayout(
    trainable.targets.flatMap(({ linear, rank }) => [
      [loraName(linear.path, 'A'), [rank, linear.in]] as const,
      [loraName(linear.path, 'B'), [linear.out, rank]] as const,
    ]),
  );
}

export function loraName(path: string, side: 'A' | 'B'): string {
  return `${path}.lora_${side}.weight`;
}

/** Parameters for a program, and the f32 slices that gradients are taken by, in layout order. */
export interface TrainableView {
  readonly parameters: Parameters;
  leaves(): readonly Value[];
}

/** @param flat the trainable vector, f32 [layout.size] @param seed needed where there is dropout */
export function viewTrainable(
  b: GraphBuilder,
  dtype: 'f32' | 'bf16',
  trainable: Trainable,
  layout: FlatLayout,
  flat: Value,
  seed: Value | null,
): TrainableView {
  if (trainable.kind === 'full') {
    const parameters = new TrainableParameters(b, dtype, flat, layout.entries);
    return { parameters, leaves: () => layout.entries.map((entry) => parameters.leaves.get(entry.name)!) };
  }
  const leaves = layout.entries.map((entry) => flatSlice(b, flat, entry));
  const pairs = new Map<string, LoraPair>(
    trainable.targets.map(({ linear, scale }, i) => [linear.path, { a: leaves[2 * i]!, b: leaves[2 * i + 1]!, scale }]),
  );
  const dropout: LoraDropout | null = seed && trainable.dropout > 0 ? { probability: trainable.dropout, seed } : null;
  return { parameters: new LoraParameters(b, dtype, pairs, dropout), leaves: () => leaves };
}
