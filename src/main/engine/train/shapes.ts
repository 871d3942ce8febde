/** @file Sizes that every training run has in common; the memory plan counts with the same. */

/** Rows of logits at once: large enough for full matrix speed, small enough that a big vocabulary does not fill memory. */
export const CHUNK_ROWS = 1024;

/** Lengths are rounded up to this where the recipe asks for nothing else: enough for 16-byte loads, little padding. */
export const LENGTH_STEP = 16;

/** Programs of a run at most. */
export const MOST_BUCKETS = 4;
