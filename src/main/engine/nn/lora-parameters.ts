import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import { FrozenParameters } from './frozen-parameters.ts';
import type { LinearSpec } from './parameters.ts';

/** The adapter of one linear layer inside a program (spec 6.1). */
export interface LoraPair {
  /** f32 [r, in] */
  readonly a: Value;
  /** f32 [out, r] */
  readonly b: Value;
  /** alpha / r, or alpha / sqrt(r) with rsLoRA */
  readonly scale: number;
}

export interface LoraDropout {
  readonly probability: number;
  /** i32 [2] = (seed, micro-step): a fresh mask each micro-step, the same one in every rerun. */
  readonly seed: Value;
}

/** Frozen weights with y = W x + scale * B(A(dropout(x))) where `pairs` has an adapter for the layer's path. */
export class LoraParameters extends FrozenParameters {
  readonly #pairs: ReadonlyMap<string, LoraPair>;
  readonly #dropout: LoraDropout | null;
  #streams = 0;

  constructor(b: GraphBuilder, dtype: 'f32' | 'bf16', pairs: ReadonlyMap<string, LoraPair>, dropout: LoraDropout | null) {
    super(b, dtype);
    this.#pairs = pairs;
    this.#dropout = dropout;
  }

  override linear(x: Value, spec: LinearSpec): Value {
    const pair = this.#pairs.get(spec.path);
    if (!pair) return super.linear(x, spec);
    const bias = this.linearBias(spec);
    const weight = this.linearWeight(spec);
    if (!this.#dropout) return this.b.linear(x, weight, { bias, lora: pair }).y;
    const base = this.b.linear(x, weight, { bias }).y;
    return this.b.add(base, this.#branch(this.#dropped(x, this.#dropout), pair));
  }

  #branch(x: Value, { a, b, scale }: LoraPair): Value {
    const p = this.b.matmul(x, this.b.cast(a, this.dtype), { transB: true });
    return this.b.matmul(this.b.mul(p, scale), this.b.cast(b, this.dtype), { transB: true });
  }

  /** Inverted dropout: kept values grow by 1 / (1 - p). */
  #dropped(x: Value, { probability, seed }: LoraDropout): Value {
    const draw = this.b.random(seed, x.type.shape, this.#streams++);
    const kept = this.b.where(this.b.less(draw, probability), this.b.constant(0, 'f32'), this.b.constant(1 / (1 - probability), 'f32'));
    return this.b.mul(x, this.b.cast(kept, x.type.dtype));
  }
}
