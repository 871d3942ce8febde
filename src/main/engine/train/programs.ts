/**
 * @file The programs of a training run as graphs: `microStep` (forward, backward, adds into the gradient vector), `update`
 * (norm, clip, AdamW, zeroes the gradients) and `evaluate`. Batches and scalars are inputs; weights, trainable vector,
 * gradients and moments are states. Shapes are static: one micro-step a bucket of (batch, length, labelled rows).
 */
import type { ModelConfig } from '../../../shared/domain/model.ts';
import { gradients } from '../autodiff/reverse.ts';
import type { Graph, Value } from '../ir/graph.ts';
import { modelDefinition } from '../models/model.ts';
import type { Parameters } from '../nn/parameters.ts';
import { GraphBuilder } from '../ops/builder.ts';
import type { FlatLayout } from './flat-layout.ts';
import { isDecayed, viewTrainable, type Trainable } from './trainable.ts';

/** Names of the states that programs share. */
export const STATE = {
  trainable: 'trainable',
  gradients: 'gradients',
  moment1: 'adam.m',
  moment2: 'adam.v',
} as const;

export interface TrainingPlan {
  readonly config: ModelConfig;
  /** Dtype of weights and activations; the trainable vector, gradients and moments are f32. */
  readonly dtype: 'f32' | 'bf16';
  readonly trainable: Trainable;
  readonly layout: FlatLayout;
  /** Rows of logits that exist at once. */
  readonly chunkRows: number;
}

/** Static sizes of a micro-batch. */
export interface Bucket {
  readonly batch: number;
  /** Tokens a row, padding included. */
  readonly length: number;
  /** Labelled positions, padded up; at most batch * length. */
  readonly rows: number;
}

/**
 * Inputs: ids i32 [B, T]; rows i32 [R], flat positions b * T + t whose next token is a target; targets i32 [R], -100 on padding
 * rows; inverseTokens f32 [] = 1 / N over the whole optimizer step (spec 2.8); dropoutSeed i32 [2] where there is dropout.
 * Output: loss f32 [] = sum of nll / N. Update: gradients += d loss / d trainable.
 */
export function buildMicroStep(plan: TrainingPlan, bucket: Bucket): Graph {
  const b = new GraphBuilder(`microStep ${bucketName(bucket)}`);
  const flat = b.state(STATE.trainable, { dtype: 'f32', shape: [plan.layout.size] });
  const accumulated = b.state(STATE.gradients, { dtype: 'f32', shape: [plan.layout.size] });
  const seed = hasDropout(plan) ? b.input('dropoutSeed', { dtype: 'i32', shape: [2] }) : null;
  const view = viewTrainable(b, plan.dtype, plan.trainable, plan.layout, flat, seed);
  const nllSum = sumOfNll(b, plan, bucket, view.parameters, plan.trainable.kind === 'full');
  const inverseTokens = b.input('inverseTokens', { dtype: 'f32', shape: [] });
  // 1 / N is applied to the f32 gradient vector rather than at the loss: the same sum, and bf16 activations' gradients keep their bits.
  const leaves = view.leaves();
  const pieces = gradients(b, nllSum, leaves).map((gradient, i) => flatten(b, gradient ?? b.fullLike(leaves[i]!, 0)));
  const used = pieces.reduce((total, piece) => total + piece.type.shape[0]!, 0);
  const tail = plan.layout.size - used;
  const vector = b.concat(tail > 0 ? [...pieces, b.constant(0, 'f32', [tail])] : pieces, 0);
  b.update(accumulated, b.add(accumulated, b.mul(vector, inverseTokens)));
  b.output('loss', b.mul(nllSum, inverseTokens));
  return b.finish();
}

/** Inputs as `microStep`, less the seed and the gradient. Output: nllSum f32 []. No state changes. */
export function buildEvaluate(plan: TrainingPlan, bucket: Bucket): Graph {
  const b = new GraphBuilder(`evaluate ${bucketName(bucket)}`);
  const flat = b.state(STATE.trainable, { dtype: 'f32', shape: [plan.layout.size] });
  const { parameters } = viewTrainable(b, plan.dtype, plan.trainable, plan.layout, flat, null);
  b.output('nllSum', sumOfNll(b, plan, bucket, parameters, false));
  return b.finish();
}

export interface OptimizerSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** 0 turns clipping off; the norm is still reported. */
  readonly maxGradNorm: number;
}

/**
 * Inputs, all f32 []: learningRate, biasCorrection1 = 1 - beta1^t, biasCorrection2 = 1 - beta2^t.
 * Output: gradNorm f32 [], before clipping. Updates: trainable, both moments, gradients to zero.
 */
export function buildUpdate(plan: TrainingPlan, settings: OptimizerSettings): Graph {
  const b = new GraphBuilder('update');
  const type = { dtype: 'f32', shape: [plan.layout.size] } as const;
  const scalar = { dtype: 'f32', shape: [] } as const;
  const [p, g, m, v] = [STATE.trainable, STATE.gradients, STATE.moment1, STATE.moment2].map((name) => b.state(name, type)) as [Value, Value, Value, Value];
  const { norm, factor } = b.globalNormClip(g, settings.maxGradNorm);
  const scalars = ['learningRate', 'biasCorrection1', 'biasCorrection2'].map((name) => b.input(name, scalar));
  const { maxGradNorm: _, ...params } = settings;
  const groups = decayGroups(plan);
  const parts = groups.map(({ offset, size, decayed }) => {
    const part = (x: Value) => (groups.length === 1 ? x : b.slice(x, [offset], [size]));
    const weightDecay = decayed ? settings.weightDecay : 0;
    return b.append('adamw', [part(p), part(g), part(m), part(v), factor, ...scalars], { ...params, weightDecay });
  });
  [p, m, v].forEach((state, i) => b.update(state, b.concat(parts.map((part) => part[i]!), 0)));
  b.update(g, b.fullLike(g, 0));
  b.output('gradNorm', norm);
  return b.finish();
}

interface DecayGroup {
  readonly offset: number;
  readonly size: number;
  readonly decayed: boolean;
}

/** Contiguous runs of the vector with and without weight decay; one run where decay is 0 or the run trains an adapter (spec 5.2). */
function decayGroups({ layout, trainable }: TrainingPlan): readonly DecayGroup[] {
  if (trainable.kind === 'lora') return [{ offset: 0, size: layout.size, decayed: true }];
  const groups: DecayGroup[] = [];
  layout.entries.forEach((entry, i) => {
    const decayed = isDecayed(entry.name);
    const end = layout.entries[i + 1]?.offset ?? layout.size;
    const last = groups.at(-1);
    if (last?.decayed === decayed) groups[groups.length - 1] = { ...last, size: end - last.offset };
    else groups.push({ offset: entry.offset, size: end - entry.offset, decayed });
  });
  return groups;
}

function sumOfNll(b: GraphBuilder, plan: TrainingPlan, { batch, length, rows }: Bucket, parameters: Parameters, weightGradient: boolean): Value {
  const { config } = plan;
  const model = modelDefinition(config.family);
  const ids = b.input('ids', { dtype: 'i32', shape: [batch, length] });
  const rowIndex = b.input('rows', { dtype: 'i32', shape: [rows] });
  const targets = b.input('targets', { dtype: 'i32', shape: [rows] });
  const positions = b.iota([batch, length], 1);
  // Padding is on the right and labelled rows lie before it, so causal order alone keeps padding out of every used position.
  const scale = 1 / Math.sqrt(config.headDim);
  const hidden = model.hidden({ b, config, parameters, ids, positions, attend: (_, q, k, v) => b.attention(q, k, v, scale).out });
  const labelled = model.finalNorm({ b, config, parameters }, b.gather(hidden, rowIndex));
  const head = model.headWeight({ config, parameters });
  return b.linearCrossEntropy(labelled, head, targets, { chunkRows: plan.chunkRows, weightGradient }).nllSum;
}

function flatten(b: GraphBuilder, x: Value): Value {
  return b.reshape(x, [x.type.shape.reduce((product, size) => product * size, 1)]);
}

function hasDropout({ trainable }: TrainingPlan): boolean {
  return trainable.kind === 'lora' && trainable.dropout > 0;
}

export function bucketName({ batch, length, rows }: Bucket): string {
  return `${batch}x${length} rows ${rows}`;
}
