/** @file What an optimizer is: named slots beside the trainable vector, and the graph that moves both. Nothing else knows one by name. */
import type { Value } from '../../ir/graph.ts';
import type { GraphBuilder } from '../../ops/builder.ts';
import type { FlatEntry, FlatLayout } from '../flat-layout.ts';

/** A state that the optimizer keeps from step to step: f32 [size], zeros at the start. Its name is that of the tensor in checkpoints. */
export interface Slot {
  readonly name: string;
  readonly size: (layout: FlatLayout) => number;
  /** It holds squares: a negative value means that the file is damaged. */
  readonly nonNegative: boolean;
}

/** A part of the trainable vector whose tensors all decay, or all do not. */
export interface Stretch {
  readonly offset: number;
  readonly size: number;
  readonly decayed: boolean;
  readonly entries: readonly FlatEntry[];
}

export interface UpdateValues {
  /** The trainable vector. */
  readonly p: Value;
  /** Its gradient, not yet clipped: it counts `factor` times. */
  readonly g: Value;
  readonly factor: Value;
  readonly slots: Readonly<Record<string, Value>>;
  /** f32 [], by the names that `scalars` gives. */
  readonly scalars: Readonly<Record<string, Value>>;
  /** In order; together they are the whole vector. */
  readonly stretches: readonly Stretch[];
}

export interface Optimizer {
  readonly slots: readonly Slot[];
  /** What changes from step to step. @param step 1-based */
  readonly scalars: (step: number, rate: number) => Readonly<Record<string, number>>;
  /** The next values of the vector and of every slot. */
  readonly update: (b: GraphBuilder, values: UpdateValues) => { readonly p: Value; readonly slots: Readonly<Record<string, Value>> };
}

/** The slots that a layout has something for, and how long they are. */
export function slotsOf({ slots }: Pick<Optimizer, 'slots'>, layout: FlatLayout): readonly { readonly name: string; readonly size: number }[] {
  return slots.map(({ name, size }) => ({ name, size: size(layout) })).filter(({ size }) => size > 0);
}

/** A slot of one value for each of the vector. */
export function parallelSlot(name: string, nonNegative = false): Slot {
  return { name, size: (layout) => layout.size, nonNegative };
}

/** For optimizers that treat each element alike: `of` is asked for each stretch, what it gives is joined again. */
export function byStretch(
  b: GraphBuilder,
  stretches: readonly Stretch[],
  vectors: readonly Value[],
  of: (parts: readonly Value[], stretch: Stretch) => readonly Value[],
): readonly Value[] {
  const parts = stretches.map((stretch) =>
    of(
      vectors.map((x) => (stretches.length === 1 ? x : b.slice(x, [stretch.offset], [stretch.size]))),
      stretch,
    ),
  );
  return parts[0]!.map((_, i) =>
    b.concat(
      parts.map((part) => part[i]!),
      0,
    ),
  );
}
