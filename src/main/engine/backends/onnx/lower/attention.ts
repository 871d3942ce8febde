/**
 * @file Attention on the CPU. Scores get their scale inside the matmul, their mask as one f32 addition and their probabilities
 * from the Softmax kernel. Query heads that share a key head are stacked as rows of one batched matmul, [B, KV, G * T, D].
 */
import type { TensorType } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import type { OpParams } from '../../../ir/op-types.ts';
import { ONNX_TYPE } from '../model-writer.ts';
import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

type AttentionParams = OpParams['attention'];

/** Below any real score, yet finite: a row of minus infinities would be NaN. */
const MASKED = -1e30;
/** Log-sum-exp of a row that sees no key, as the decomposition defines it. */
const EMPTY_ROW = -1e29;
/** Probabilities up to this size are kept for the backward pass; larger ones, which would fill memory in every layer, are computed again. */
export const KEPT_BYTES = 2 * 1024 * 1024;

interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly heads: number;
  readonly headDim: number;
  readonly keys: number;
  readonly kvHeads: number;
  readonly group: number;
}

function sizesOf(q: TensorType, k: TensorType): Sizes {
  const [batch, queries, heads, headDim] = q.shape as [number, number, number, number];
  const [, keys, kvHeads] = k.shape as [number, number, number];
  return { batch, queries, heads, headDim, keys, kvHeads, group: heads / kvHeads };
}

class AttentionWriter {
  readonly context: LoweringContext;
  readonly sizes: Sizes;
  readonly #params: AttentionParams;
  readonly #range: readonly LoweringInput[];

  constructor(context: LoweringContext, sizes: Sizes, params: AttentionParams, range: readonly LoweringInput[]) {
    this.context = context;
    this.sizes = sizes;
    this.#params = params;
    this.#range = range;
  }

  /** [B, T, H, D] -> [B, KV, G * T, D] */
  fold(name: string): string {
    const { batch, kvHeads, group, queries, headDim } = this.sizes;
    return this.context.reshape(this.#swap(name, queries, this.sizes.heads), [batch, kvHeads, group * queries, headDim]);
  }

  /** [B, KV, G * T, D] -> [B, T, H, D] */
  unfold(name: string): string {
    const { batch, heads, queries, headDim } = this.sizes;
    return this.#swap(this.context.reshape(name, [batch, heads, queries, headDim]), heads, queries);
  }

  /** [B, S, KV, D] -> [B, KV, S, D] */
  foldKeys(name: string): string {
    return this.#swap(name, this.sizes.keys, this.sizes.kvHeads);
  }

  /** [B, KV, S, D] -> [B, S, KV, D] */
  unfoldKeys(name: string): string {
    return this.#swap(name, this.sizes.kvHeads, this.sizes.keys);
  }

  matmul(a: string, b: string, flags: { transA?: boolean; transB?: boolean; alpha?: number } = {}): string {
    return this.context.emitMicrosoft('FusedMatMul', [a, b], {
      transA: { int: flags.transA ? 1 : 0 },
      transB: { int: flags.transB ? 1 : 0 },
      alpha: { float: flags.alpha ?? 1 },
    });
  }

  /** Masked scores [B, H, T, S]; `q` folded and already scaled unless `alpha` says how. */
  scores(q: string, k: string, alpha: number): string {
    const { batch, heads, queries, keys } = this.sizes;
    const product = this.context.reshape(this.matmul(q, k, { transB: true, alpha }), [batch, heads, queries, keys]);
    return this.context.emit('Add', [product, this.#bias()]);
  }

  /** [B, H, T, S] -> f32 probabilities [B, KV, G * T, S] */
  probabilities(scores: string): string {
    const { batch, kvHeads, group, queries, keys } = this.sizes;
    return this.context.reshape(this.context.emit('Softmax', [scores], { axis: { int: -1 } }), [batch, kvHeads, group * queries, keys]);
  }

  /** Zeroes rows of [B, T, H, D] that see no key; a causal row always sees itself. */
  dropEmptyRows(name: string): string {
    if (this.#params.mask === 'causal') return name;
    return this.context.shared(`nonempty ${this.#maskKey()} ${name}`, () => {
      const { emit, reshape, writer } = this.context;
      const { batch, queries, keys } = this.sizes;
      const [first, last] = this.#range.map((bound) => bound.full()) as [string, string];
      const from = emit('Max', [first, writer.constant('i32', [0], [])]);
      const to = emit('Min', [last, writer.constant('i32', [keys - 1], [])]);
      const seen = emit('Cast', [emit('LessOrEqual', [from, to])], { to: { int: ONNX_TYPE.f32 } });
      return emit('Mul', [name, reshape(seen, [batch, queries, 1, 1])]);
    });
  }

  /** f32 [B, H, T] */
  logSumExp(scores: string, probabilities: string): string {
    const { emit, reshape, writer } = this.context;
    const { batch, heads, queries, keys } = this.sizes;
    const rowMax = (name: string) => emit('ReduceMax', [name, writer.constant('i64', [3])], { keepdims: { int: 0 } });
    const largest = emit('Max', [rowMax(scores), writer.constant('f32', [EMPTY_ROW], [])]);
    return emit('Sub', [largest, emit('Log', [rowMax(reshape(probabilities, [batch, heads, queries, keys]))])]);
  }

  /** 0 where a query sees a key, MASKED elsewhere, broadcastable to [B, H, T, S]; written once for all layers. */
  #bias(): string {
    return this.context.shared(`bias ${this.#maskKey()}`, () => {
      const { emit, writer } = this.context;
      const visible = this.#params.mask === 'causal' ? this.#causal() : this.#inRange();
      return emit('Where', [visible, writer.constant('f32', [0], []), writer.constant('f32', [MASKED], [])]);
    });
  }

  #causal(): string {
    return this.context.emit('LessOrEqual', [this.#keyIndex(), this.context.reshape(this.#keyIndex(), [this.sizes.queries, 1])]);
  }

  #inRange(): string {
    const { emit, reshape } = this.context;
    const { batch, queries } = this.sizes;
    const [first, last] = this.#range.map((bound) => reshape(bound.full(), [batch, 1, queries, 1])) as [string, string];
    return emit('And', [emit('LessOrEqual', [first, this.#keyIndex()]), emit('LessOrEqual', [this.#keyIndex(), last])]);
  }

  #keyIndex(): string {
    const { emit, shared, writer } = this.context;
    const scalar = (value: number) => writer.constant('i32', [value], []);
    return shared(`keys ${this.sizes.keys}`, () => emit('Range', [scalar(0), scalar(this.sizes.keys), scalar(1)]));
  }

  #maskKey(): string {
    const { queries, keys } = this.sizes;
    return `${this.#params.mask} ${queries} ${keys} ${this.#range.map((bound) => bound.full()).join(' ')}`;
  }

  /** Exchanges axes 1 and 2 of [B, rows, columns, D]. */
  #swap(name: string, rows: number, columns: number): string {
    const { batch, headDim } = this.sizes;
    if (rows === 1 || columns === 1) return this.context.reshape(name, [batch, columns, rows, headDim]);
    return this.context.shared(`swap ${name}`, () => this.context.emit('Transpose', [name], { perm: { ints: [0, 2, 1, 3] } }));
  }
}

function probabilitiesKey(q: string, k: string, { scale, mask }: AttentionParams): string {
  return `probabilities ${q} ${k} ${mask} ${scale}`;
}

export const lowerAttention: OnnxLowering<'attention'> = (context, inputs, params, outputs) => {
  const [q, k, v, ...range] = inputs as [LoweringInput, LoweringInput, LoweringInput, ...LoweringInput[]];
  const writer = new AttentionWriter(context, sizesOf(q.type, k.type), params, range);
  const scores = writer.scores(writer.fold(q.full()), writer.foldKeys(k.full()), params.scale);
  const f32Probabilities = writer.probabilities(scores);
  const kept = 4 * elementCount([writer.sizes.batch, writer.sizes.heads, writer.sizes.queries, writer.sizes.keys]) <= KEPT_BYTES;
  if (kept) context.shared(probabilitiesKey(q.full(), k.full(), params), () => f32Probabilities);
  const product = writer.matmul(context.round(f32Probabilities, v.type.dtype), writer.foldKeys(v.full()));
  const out = writer.dropEmptyRows(writer.unfold(context.round(product, q.type.dtype)));
  return [{ name: out, shape: q.type.shape }, () => ({ name: writer.logSumExp(scores, f32Probabilities), shape: outputs[1]!.shape })];
};

/** dV = P^T dOut; dP = dOut V^T; dS = P * (dP - rowsum(dOut * out)); dQ = scale dS K; dK = scale dS^T Q. */
export const lowerAttentionBackward: OnnxLowering<'attentionBackward'> = (context, inputs, params) => {
  const [q, k, v, out, , dOut, ...range] = inputs as [
    LoweringInput,
    LoweringInput,
    LoweringInput,
    LoweringInput,
    LoweringInput,
    LoweringInput,
    ...LoweringInput[],
  ];
  const writer = new AttentionWriter(context, sizesOf(q.type, k.type), params, range);
  const { emit, round } = context;
  const { dtype } = q.type;
  const { batch, kvHeads, group, queries } = writer.sizes;
  const [qRows, kRows, vRows] = [writer.fold(q.full()), writer.foldKeys(k.full()), writer.foldKeys(v.full())];
  const gradient = writer.dropEmptyRows(dOut.full());
  const dRows = writer.fold(gradient);
  const p = context.shared(probabilitiesKey(q.full(), k.full(), params), () => {
    // Scaled before the product, unlike the forward pass: ONNX Runtime would otherwise see one expression and keep its result.
    const scaled = emit('Mul', [qRows, context.writer.constant('f32', [params.scale], [])]);
    return writer.probabilities(writer.scores(scaled, kRows, 1));
  });
  const dot = emit('ReduceSum', [emit('Mul', [gradient, out.full()]), context.writer.constant('i64', [3])], { keepdims: { int: 1 } });
  const delta = context.reshape(emit('Transpose', [dot], { perm: { ints: [0, 2, 1, 3] } }), [batch, kvHeads, group * queries, 1]);
  const dP = writer.matmul(dRows, vRows, { transB: true });
  const dS = round(emit('Mul', [p, emit('Sub', [dP, delta])]), dtype);
  const dQ = writer.unfold(writer.matmul(dS, kRows, { alpha: params.scale }));
  const dK = writer.unfoldKeys(writer.matmul(dS, qRows, { transA: true, alpha: params.scale }));
  const dV = writer.unfoldKeys(writer.matmul(round(p, dtype), dRows, { transA: true }));
  return [dQ, dK, dV].map((name, i) => ({ name: round(name, dtype), shape: inputs[i]!.type.shape }));
};
