import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Batch } from '../../src/main/engine/data/batch.ts';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';

/** A gzipped token file of tokenize-corpus.ts. */
export function readTokens(file: string): Uint16Array {
  const bytes = gunzipSync(readFileSync(file));
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

/** Fixed blocks of a token stream: block i learns tokens i*length+1 … (i+1)*length from those before them. */
export class TokenBlocks {
  readonly count: number;
  readonly #tokens: Uint16Array;
  readonly #length: number;

  constructor(tokens: Uint16Array, length: number) {
    this.#tokens = tokens;
    this.#length = length;
    this.count = Math.floor((tokens.length - 1) / length);
  }

  /** A micro-batch of these blocks in which every position is a target. */
  batch(blocks: readonly number[]): Batch {
    const length = this.#length;
    const size = blocks.length * length;
    const ids = new Int32Array(size);
    const targets = new Int32Array(size);
    blocks.forEach((block, b) => {
      const start = block * length;
      ids.set(this.#tokens.subarray(start, start + length), b * length);
      targets.set(this.#tokens.subarray(start + 1, start + length + 1), b * length);
    });
    return { bucket: { batch: blocks.length, length, rows: size }, ids, rows: Int32Array.from({ length: size }, (_, i) => i), targets };
  }
}

/** Block numbers [first, last) for ever, each epoch in a new order. */
export function* shuffledForever(first: number, last: number, seed: number): Generator<number, never> {
  const random = seededRandom(seed);
  const order = Array.from({ length: last - first }, (_, i) => first + i);
  for (;;) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    yield* order;
  }
}
