/**
 * @file The language of a graph: every op's name and parameters, nothing about what it means.
 * Meaning (shape, evaluation, gradient, decomposition) is in `ops/`, where the compiler proves each table total.
 */
import type { DType } from './dtype.ts';
import type { Shape } from './shape.ts';

export type NoParams = Readonly<Record<string, never>>;

/**
 * Core ops: what every backend must run. Binary ops and `where` broadcast as NumPy does and take equal dtypes.
 */
export interface CoreParams {
  // elementwise, one input, float unless noted
  readonly neg: NoParams;
  readonly exp: NoParams;
  readonly log: NoParams;
  readonly sqrt: NoParams;
  readonly tanh: NoParams;
  readonly sigmoid: NoParams;
  readonly sin: NoParams;
  readonly cos: NoParams;
  readonly abs: NoParams;
  /** Error function: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x. */
  readonly erf: NoParams;
  /** bool -> bool */
  readonly not: NoParams;
  /** Any dtype to any dtype; float to i32 truncates; to bool is `!= 0`; to bf16/f16 rounds to nearest even. */
  readonly cast: { readonly dtype: DType };
  // elementwise, two inputs; add, sub, mul, max, min take floats or i32, div floats only
  readonly add: NoParams;
  readonly sub: NoParams;
  readonly mul: NoParams;
  readonly div: NoParams;
  readonly max: NoParams;
  readonly min: NoParams;
  /** Any equal dtypes -> bool */
  readonly equal: NoParams;
  readonly less: NoParams;
  readonly lessEqual: NoParams;
  /** bool, bool -> bool */
  readonly and: NoParams;
  /** (bool, a, b) -> a where true, b elsewhere */
  readonly where: NoParams;
  // sources
  /** A tensor filled with one value. */
  readonly constant: { readonly dtype: DType; readonly shape: Shape; readonly value: number };
  /** i32 index along `axis`. */
  readonly iota: { readonly shape: Shape; readonly axis: number };
  /**
   * Counter-based uniform f32 in [0, 1): input i32 [2] = (seed, step); element index and `stream` are the rest of the
   * counter, so every backend draws the same bits in any order. All in u32 (an i32 counts as its bits), `*` modulo 2^32:
   *   mix(x) = x ^= x >>> 15; x *= 0x2c1b3c6d; x ^= x >>> 12; x *= 0x297a2d39; x ^= x >>> 15
   *   key = mix(mix(mix(seed ^ 0x9e3779b9) ^ step) ^ stream)
   *   element i (row-major) = (mix(mix(i) ^ key) >>> 8) * 2^-24
   * Both factors are below 2^31, so the products fit a signed 64-bit integer where a backend has no u32 multiply.
   */
  readonly random: { readonly shape: Shape; readonly stream: number };
  // reductions; axes ascending; f32 accumulation whatever the dtype
  readonly sum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  readonly reduceMax: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** i32 index of the largest along `axis` (removed); ties go to the lowest index. */
  readonly argmax: { readonly axis: number };
  /**
   * (.., M, K) x (.., K, N) -> (.., M, N) over broadcast leading axes. `transA`/`transB`: that input's last two axes are
   * stored swapped. f32 accumulation; result in `dtype` (may be wider than the inputs').
   */
  readonly matmul: { readonly transA: boolean; readonly transB: boolean; readonly dtype: DType };
  /**
   * (x, y) -> x, no sooner than y is there: what is computed from it is neither merged with nor moved to where the same was computed
   * before (`passes/recompute.ts`).
   */
  readonly after: NoParams;
  // layout
  readonly reshape: { readonly shape: Shape };
  /** Output axis i is input axis perm[i]. */
  readonly transpose: { readonly perm: readonly number[] };
  readonly broadcast: { readonly shape: Shape };
  readonly slice: { readonly starts: readonly number[]; readonly sizes: readonly number[] };
  readonly concat: { readonly axis: number };
  /** Zeros before and after, per axis. */
  readonly pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  // indexing along axis 0
  /** (table [N, ..rest], index i32 [..index]) -> [..index, ..rest]. Index outside 0..N-1 is undefined behaviour. */
  readonly gather: NoParams;
  /**
   * (base [N, ..rest], index i32 [M], updates [M, ..rest]) -> base with rows added or replaced. `set` needs distinct
   * indices. `add` sums duplicates in ascending M (fixed order, so reruns are bitwise equal).
   */
  readonly scatter: { readonly mode: 'add' | 'set' };
}

/** Fused ops: each decomposes into core ops; a backend may claim those it has a kernel for. */
export interface FusedParams {
  /**
   * (x [..rows, in], weight [out, in], bias [out]?, loraA f32 [r, in]?, loraB f32 [out, r]?) ->
   * (y [..rows, out], loraP [..rows, r]?) with y = x W^T + bias + scale * (x A^T) B^T; A and B are cast to x's dtype.
   */
  readonly linear: { readonly bias: boolean; readonly lora: boolean; readonly scale: number };
  /** (x [.., n], weight [n]) -> x * rsqrt(mean(x^2) + eps) in f32, cast to x's dtype, times weight. */
  readonly rmsNorm: { readonly eps: number };
  /** (x, weight, dY) -> (dX, dWeight f32 [n] if weightGradient) */
  readonly rmsNormBackward: { readonly eps: number; readonly weightGradient: boolean };
  /** (x [.., n], weight [n], bias [n]) -> (x - mean) / sqrt(variance + eps) * weight + bias in f32, rounded once. */
  readonly layerNorm: { readonly eps: number };
  /** (x, weight, dY) -> (dX, and if weightGradient dWeight f32 [n], dBias f32 [n]) */
  readonly layerNormBackward: { readonly eps: number; readonly weightGradient: boolean };
  /**
   * (x [B, T, H, D], cos f32 [B, T, D/2], sin f32 [B, T, D/2]) -> half-split rotation (i, i + D/2); `inverse` rotates back.
   * cos and sin are cast to x's dtype first, as transformers does.
   */
  readonly rope: { readonly inverse: boolean };
  /** (gate, up) -> silu(gate) * up, in f32, rounded once. */
  readonly swiglu: NoParams;
  /** (gate, up, dOut) -> (dGate, dUp) */
  readonly swigluBackward: NoParams;
  /**
   * (q [B, T, H, D], k [B, S, KV, D], v [B, S, KV, D], first i32 [B, T]?, last i32 [B, T]?) -> (out [B, T, H, D], lse f32 [B, H, T]).
   * Query head h uses key head floor(h / (H / KV)). `causal`: query t sees keys 0..t (T = S, no range inputs).
   * `range`: query t of row b sees keys first..last inclusive; an empty range gives zeros (and a large negative
   * lse whose value is up to the backend).
   */
  readonly attention: { readonly scale: number; readonly mask: 'causal' | 'range' };
  /** (q, k, v, out, lse, dOut, first?, last?) -> (dQ, dK, dV); probabilities are recomputed from lse. */
  readonly attentionBackward: { readonly scale: number; readonly mask: 'causal' | 'range' };
  /**
   * (x [R, H], weight [V, H], labels i32 [R], -100 = ignored) -> (nllSum f32 [], dX [R, H], correct f32 [], entropySum f32 [],
   * dWeight f32 [V, H] if weightGradient). Over labelled rows: `correct` counts those whose first largest logit is the label's,
   * `entropySum` adds up the entropies of their softmax, in nats.
   * dX and dWeight are gradients of nllSum, taken in the forward pass so that logits exist one chunk at a time.
   */
  readonly linearCrossEntropy: { readonly chunkRows: number; readonly weightGradient: boolean };
  /** (gradients f32 [N]) -> (L2 norm f32 [], factor f32 [] = min(1, maxNorm / (norm + 1e-6)); 1 if maxNorm is 0). N a multiple of 4096. */
  readonly globalNormClip: { readonly maxNorm: number };
  /**
   * (p, g, m, v: f32 [N]; gradFactor, learningRate, biasCorrection1 = 1 - beta1^t, biasCorrection2 = 1 - beta2^t: f32 [])
   * -> (p, m, v). Decoupled weight decay (spec 5.2).
   */
  readonly adamw: { readonly beta1: number; readonly beta2: number; readonly epsilon: number; readonly weightDecay: number };
}

export type CoreOp = keyof CoreParams;
export type FusedOp = keyof FusedParams;
export type Op = CoreOp | FusedOp;
export type OpParams = CoreParams & FusedParams;
