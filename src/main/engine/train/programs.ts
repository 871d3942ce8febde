/**
 * @file The programs of a training run as graphs: `microStep` (forward, backward, adds into the gradient vector), `update`
 * (norm, clip, the optimizer's own update, zeroes the gradients) and `evaluate`. Batches and scalars are inputs; weights, trainable
 * vector, gradients and the optimizer's slots are states. Shapes are static: one micro-step a bucket of (batch, length, labelled rows).
 */
import { gradients } from '../autodiff/reverse.ts';
import type { Bucket } from '../data/batch.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { recompute } from '../ir/passes/recompute.ts';
import type { Model } from '../models/model.ts';
import { attendToBatch } from '../nn/attention.ts';
import { type CrossEntropy, GraphBuilder } from '../ops/builder.ts';
import type { FlatLayout } from './flat-layout.ts';
import { slotsOf, type Optimizer, type Stretch } from './optim/optimizer.ts';
import { viewTrainable, type Trainable, type TrainableView } from './trainable.ts';

/** Names of the states that programs share; an optimizer names its own. */
export const STATE = { trainable: 'trainable', gradients: 'gradients' } as const;

export interface TrainingPlan {
  readonly model: Model;
  /** Dtype of weights and activations; the trainable vector, gradients and slots are f32. */
  readonly dtype: 'f32' | 'bf16';
  readonly trainable: Trainable;
  readonly layout: FlatLayout;
  /** Rows of logits that exist at once. */
  readonly chunkRows: number;
  /** What layers compute is not kept for the backward pass but computed again (`gradient_checkpointing`). */
  readonly recompute?: boolean;
}

/**
 * Inputs: ids i32 [B, T]; rows i32 [R], flat positions b * T + t whose next token is a target; targets i32 [R], -100 on padding
 * rows; positions, first and last i32 [B, T] where rows are segmented (data/batch.ts); inverseTokens f32 [] = 1 / N over the whole optimizer step (spec 2.8); dropoutSeed i32 [2] where there is dropout.
 * Outputs, f32 []: loss = sum of nll / N; correct and entropySum as `linearCrossEntropy` has them. Update: gradients += d loss / d trainable.
 */
export function buildMicroStep(plan: TrainingPlan, bucket: Bucket): Graph {
  const b = new GraphBuilder(`microStep ${bucketName(bucket)}`);
  const flat = b.state(STATE.trainable, { dtype: 'f32', shape: [plan.layout.size] });
  const accumulated = b.state(STATE.gradients, { dtype: 'f32', shape: [plan.layout.size] });
  const seed = hasDropout(plan) ? b.input('dropoutSeed', { dtype: 'i32', shape: [2] }) : null;
  const view = viewTrainable(b, plan.dtype, plan.trainable, plan.layout, flat, seed);
  const { nllSum, correct, entropySum } = crossEntropy(b, plan, bucket, view, true);
  const inverseTokens = b.input('inverseTokens', { dtype: 'f32', shape: [] });
  // 1 / N is applied to the f32 gradient vector rather than at the loss: the same sum, and bf16 activations' gradients keep their bits.
  const leaves = view.leaves();
  const pieces = gradients(b, nllSum, leaves).map((gradient, i) => flatten(b, gradient ?? b.fullLike(leaves[i]!, 0)));
  const used = pieces.reduce((total, piece) => total + piece.type.shape[0]!, 0);
  const tail = plan.layout.size - used;
  const vector = b.concat(tail > 0 ? [...pieces, b.constant(0, 'f32', [tail])] : pieces, 0);
  b.update(accumulated, b.add(accumulated, b.mul(vector, inverseTokens)));
  b.output('loss', b.mul(nllSum, inverseTokens));
  b.output('correct', correct);
  b.output('entropySum', entropySum);
  return plan.recompute ? recompute(b.finish()) : b.finish();
}

/** Inputs as `microStep`, less the seed and what the gradient needs. Outputs: nllSum, correct, entropySum, f32 []. No state changes. */
export function buildEvaluate(plan: TrainingPlan, bucket: Bucket): Graph {
  const b = new GraphBuilder(`evaluate ${bucketName(bucket)}`);
  const flat = b.state(STATE.trainable, { dtype: 'f32', shape: [plan.layout.size] });
  const view = viewTrainable(b, plan.dtype, plan.trainable, plan.layout, flat, null);
  const { nllSum, correct, entropySum } = crossEntropy(b, plan, bucket, view, false);
  b.output('nllSum', nllSum);
  b.output('correct', correct);
  b.output('entropySum', entropySum);
  return b.finish();
}

/**
 * Inputs: the optimizer's scalars, all f32 []. Output: gradNorm f32 [], before clipping. Updates: trainable, the optimizer's slots,
 * gradients to zero.
 * @param maxGradNorm 0 turns clipping off; the norm is still reported
 */
export function buildUpdate(plan: TrainingPlan, optimizer: Optimizer, maxGradNorm: number): Graph {
  const b = new GraphBuilder('update');
  const vector = (name: string, size = plan.layout.size) => b.state(name, { dtype: 'f32', shape: [size] });
  const [p, g] = [vector(STATE.trainable), vector(STATE.gradients)];
  const slots = Object.fromEntries(slotsOf(optimizer, plan.layout).map(({ name, size }) => [name, vector(name, size)]));
  const { norm, factor } = b.globalNormClip(g, maxGradNorm);
  const scalars = Object.fromEntries(Object.keys(optimizer.scalars(1, 0)).map((name) => [name, b.input(name, { dtype: 'f32', shape: [] })]));
  const next = optimizer.update(b, { p, g, factor, slots, scalars, stretches: stretchesOf(plan.layout) });
  b.update(p, next.p);
  for (const [name, slot] of Object.entries(slots)) b.update(slot, next.slots[name]!);
  b.update(g, b.fullLike(g, 0));
  b.output('gradNorm', norm);
  return b.finish();
}

/** Parts of the vector with and without weight decay (spec 5.2); what pads the vector belongs to the last. */
function stretchesOf({ entries, size }: FlatLayout): readonly Stretch[] {
  const stretches: Stretch[] = [];
  entries.forEach((entry, i) => {
    const end = entries[i + 1]?.offset ?? size;
    const last = stretches.at(-1);
    if (last?.decayed === entry.decays) stretches[stretches.length - 1] = { ...last, size: end - last.offset, entries: [...last.entries, entry] };
    else stretches.push({ offset: entry.offset, size: end - entry.offset, decayed: entry.decays, entries: [entry] });
  });
  return stretches;
}

/** @param learns whether gradients will be asked for */
function crossEntropy(
  b: GraphBuilder,
  plan: TrainingPlan,
  { batch, length, rows, segmented }: Bucket,
  { parameters, isTrained }: TrainableView,
  learns: boolean,
): CrossEntropy {
  const { model } = plan;
  const ids = b.input('ids', { dtype: 'i32', shape: [batch, length] });
  const rowIndex = b.input('rows', { dtype: 'i32', shape: [rows] });
  const targets = b.input('targets', { dtype: 'i32', shape: [rows] });
  const perToken = (name: string) => b.input(name, { dtype: 'i32', shape: [batch, length] });
  const positions = segmented ? perToken('positions') : b.iota([batch, length], 1);
  // Padding is on the right and labelled rows lie before it, so causal order alone keeps padding out of every used position.
  const range = segmented ? { first: perToken('first'), last: perToken('last') } : undefined;
  const hidden = model.hidden({
    b,
    parameters,
    ids,
    positions,
    attend: (layer, q, k, v) => attendToBatch(b, model.attention(layer), q, k, v, range),
  });
  const head = model.head({ b, parameters }, b.gather(hidden, rowIndex));
  return b.linearCrossEntropy(head.x, head.weight, targets, { chunkRows: plan.chunkRows, weightGradient: learns && isTrained(head.weight) });
}

function flatten(b: GraphBuilder, x: Value): Value {
  return b.reshape(x, [x.type.shape.reduce((product, size) => product * size, 1)]);
}

function hasDropout({ trainable }: TrainingPlan): boolean {
  return trainable.dropout > 0;
}

export function bucketName({ batch, length, rows, segmented }: Bucket): string {
  return `${batch}x${length} rows ${rows}${segmented ? ' segmented' : ''}`;
}
