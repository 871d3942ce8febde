/** @file What a run trains, part by part, and how the model's layers reach it. */
import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import type { Model } from '../models/model.ts';
import { composeParameters } from '../nn/compose.ts';
import { type Deltas, loraDeltas, type LoraPair } from '../nn/deltas.ts';
import type { LinearSpec, Parameters, TableSpec } from '../nn/parameters.ts';
import { flatSlice, frozenWeights, noWeights, trainedWeights } from '../nn/weight-sources.ts';
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

/** An adapter beside a frozen layer. */
export interface LoraPart extends LoraTarget {
  readonly kind: 'lora';
}

/** A tensor of the checkpoint itself, trained whole. */
export interface TensorPart {
  readonly kind: 'tensor';
  readonly shape: Shape;
  /** Norms and biases are spared from weight decay (spec 5.2). */
  readonly decays: boolean;
}

/** A copy of the embedding or the head, trained whole in place of it (PEFT's `modules_to_save`); the base's own stays as it is. */
export interface CopyPart {
  readonly kind: 'copy';
  readonly table: TableSpec;
}

export type Part = LoraPart | TensorPart | CopyPart;

export interface Trainable {
  /** In the order in which they lie in the trainable vector: adapters and copies by module path, tensors by their name in the checkpoint. */
  readonly parts: ReadonlyMap<string, Part>;
  /** Share of the adapters' inputs that is switched off at random. */
  readonly dropout: number;
}

/** Adapters on these layers and copies of these tables, everything else frozen. */
export function trainAdapters(targets: readonly LoraTarget[], dropout: number, copies: readonly TableSpec[] = []): Trainable {
  const adapters = targets.map((target): [string, Part] => [target.linear.path, { kind: 'lora', ...target }]);
  return { parts: new Map([...adapters, ...copies.map((table): [string, Part] => [table.path, { kind: 'copy', table }])]), dropout };
}

/** Every tensor of the checkpoint. Decayed ones first, so that weight decay is two runs of the vector and not two for every layer. */
export function trainEverything({ tensors }: Pick<Model, 'tensors'>): Trainable {
  const parts = (decays: boolean) =>
    [...tensors]
      .filter(([, tensor]) => tensor.decays === decays)
      .map(([name, { shape }]): [string, TensorPart] => [name, { kind: 'tensor', shape, decays }]);
  return { parts: new Map([...parts(true), ...parts(false)]), dropout: 0 };
}

/** The adapters among the parts, in their order. */
export function loraTargets({ parts }: Trainable): readonly LoraTarget[] {
  return [...parts.values()].filter((part) => part.kind === 'lora');
}

/** Layout of the trainable vector, part after part: A then B of an adapter, a tensor or a copy as it is. */
export function trainableLayout({ parts }: Trainable): FlatLayout {
  return flatLayout([...parts].flatMap(([path, part]) => tensorsOf(path, part)));
}

function tensorsOf(path: string, part: Part): readonly (readonly [name: string, shape: Shape, decays: boolean])[] {
  switch (part.kind) {
    case 'lora':
      return [
        [loraName(path, 'A'), [part.rank, part.linear.in], true],
        [loraName(path, 'B'), [part.linear.out, part.rank], true],
      ];
    case 'tensor':
      return [[path, part.shape, part.decays]];
    case 'copy':
      return [[copyName(path), [part.table.vocab, part.table.width], true]];
  }
}

export function loraName(path: string, side: 'A' | 'B'): string {
  return `${path}.lora_${side}.weight`;
}

export function copyName(path: string): string {
  return `${path}.weight`;
}

/** Parameters for a program, and the f32 slices that gradients are taken by, in layout order. */
export interface TrainableView {
  readonly parameters: Parameters;
  leaves(): readonly Value[];
  /** Whether a weight that `parameters` gave is trained, so that its gradient is wanted. */
  isTrained(weight: Value): boolean;
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
  const entries = new Map(layout.entries.map((entry) => [entry.name, entry]));
  const slices = new Map<string, Value>();
  const leaf = (name: string): Value => {
    const value = slices.get(name) ?? flatSlice(b, flat, entries.get(name)!);
    slices.set(name, value);
    return value;
  };
  const trained = new Set<number>();
  const masters = (name: string) => (trainable.parts.get(name)?.kind === 'tensor' ? leaf(name) : undefined);
  const pairs = new Map(
    loraTargets(trainable).map(({ linear: { path }, scale }): [string, LoraPair] => [
      path,
      { a: leaf(loraName(path, 'A')), b: leaf(loraName(path, 'B')), scale },
    ]),
  );
  const source = trainedWeights(
    b,
    dtype,
    masters,
    [...trainable.parts.values()].some(({ kind }) => kind === 'tensor') ? noWeights : frozenWeights(b, dtype),
  );
  const base: typeof source = (name, shape) => {
    const value = source(name, shape);
    if (trainable.parts.get(name)?.kind === 'tensor') trained.add(value.id);
    return value;
  };
  const dropout = seed && trainable.dropout > 0 ? { probability: trainable.dropout, seed } : null;
  const isCopy = (path: string) => trainable.parts.get(path)?.kind === 'copy';
  const copies: Pick<Deltas, 'embedding' | 'head'> = {
    embedding: (path) => (isCopy(path) ? (ids) => b.cast(b.gather(leaf(copyName(path)), ids), dtype) : null),
    head(path) {
      if (!isCopy(path)) return null;
      const weight = b.cast(leaf(copyName(path)), dtype);
      trained.add(weight.id);
      return weight;
    },
  };
  return {
    parameters: composeParameters(b, dtype, base, { ...copies, linear: loraDeltas(b, pairs, dropout) }),
    leaves: () => layout.entries.map(({ name }) => leaf(name)),
    isTrained: ({ id }) => trained.has(id),
  };
}
