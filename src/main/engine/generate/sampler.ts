/**
 * @file From logits to the next token, in the order of transformers 5.18 (spec 9.1): repetition penalty, then, only when
 * sampling, temperature, top-k, top-p and min-p. Only greedy choices are promised to equal other engines': the random stream is ours.
 */

export interface SamplingSettings {
  /** false: argmax, lowest id among equals. */
  readonly doSample: boolean;
  readonly temperature: number;
  /** 0 turns it off. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  /** 1 turns it off. */
  readonly repetitionPenalty: number;
}

/**
 * @param logits f32 [vocab]; changed in place
 * @param seen ids of prompt and output so far
 * @param draw uniform number in [0, 1)
 */
export function chooseToken(logits: Float32Array, seen: Iterable<number>, settings: SamplingSettings, draw: () => number): number {
  if (settings.repetitionPenalty !== 1) penalizeRepetition(logits, seen, settings.repetitionPenalty);
  if (!settings.doSample) return argmax(logits);
  return sample(filterLogits(logits, settings), draw);
}

/** s < 0 ? s * p : s / p, once for each id seen. */
export function penalizeRepetition(logits: Float32Array, seen: Iterable<number>, penalty: number): void {
  for (const id of new Set(seen)) {
    const score = logits[id]!;
    logits[id] = score < 0 ? score * penalty : score / penalty;
  }
}

export interface Candidate {
  readonly id: number;
  readonly logit: number;
}

/**
 * What survives temperature and the filters, best first. Each filter looks at what the one before left. Among equals the
 * higher id comes first, so that top-p drops the lower one, as a stable ascending sort does.
 */
export function filterLogits(logits: Float32Array, settings: SamplingSettings): readonly Candidate[] {
  let kept: Candidate[] = [];
  const limit = settings.topK > 0 && settings.topK < logits.length ? kthLargest(logits, settings.topK) : -Infinity;
  logits.forEach((logit, id) => {
    if (logit >= limit && logit > -Infinity) kept.push({ id, logit: logit / settings.temperature });
  });
  kept.sort((a, b) => b.logit - a.logit || b.id - a.id);
  if (settings.topP < 1) kept = keepTopP(kept, settings.topP);
  if (settings.minP > 0) {
    const threshold = kept[0]!.logit + Math.log(settings.minP);
    kept = kept.filter(({ logit }, i) => i === 0 || logit >= threshold);
  }
  return kept;
}

/** Drops from the tail while its cumulative probability is at most 1 - p; the best always stays. */
function keepTopP(sorted: readonly Candidate[], p: number): Candidate[] {
  const probabilities = softmax(sorted);
  let end = sorted.length;
  for (let tail = 0; end > 1; end--) {
    tail += probabilities[end - 1]!;
    if (tail > 1 - p) break;
  }
  return sorted.slice(0, end);
}

function sample(sorted: readonly Candidate[], draw: () => number): number {
  let rest = draw();
  for (const [i, probability] of softmax(sorted).entries()) {
    rest -= probability;
    if (rest < 0) return sorted[i]!.id;
  }
  return sorted.at(-1)!.id;
}

/** Probabilities of candidates sorted best first. */
export function softmax(sorted: readonly Candidate[]): number[] {
  const best = sorted[0]!.logit;
  const weights = sorted.map(({ logit }) => Math.exp(logit - best));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function argmax(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

function kthLargest(logits: Float32Array, k: number): number {
  return Float32Array.from(logits).sort()[logits.length - k]!;
}
