/**
 * @file Tensors of the trainable vector as repetitions of a block. The layers of a model are alike, so what an optimizer does to a tensor is
 * done to that of every layer at once: a graph of one layer's size, however many there are.
 */
import type { Value } from '../../ir/graph.ts';
import { elementCount } from '../../ir/shape.ts';
import type { GraphBuilder } from '../../ops/builder.ts';
import type { FlatEntry } from '../flat-layout.ts';

export interface Block {
  readonly count: number;
  /** Of the first repetition; those that follow have the same shapes in the same order. */
  readonly entries: readonly FlatEntry[];
}

/** Tensors of a block at most: more than a layer of any model has. */
const MOST_ENTRIES = 64;

/** Cuts entries into blocks, from the front, each the one that covers most. */
export function blocksOf(entries: readonly FlatEntry[]): readonly Block[] {
  const blocks: Block[] = [];
  const key = entries.map(({ shape }) => shape.join('x'));
  for (let at = 0; at < entries.length;) {
    let best = { count: 1, size: 1 };
    for (let size = 1; size <= MOST_ENTRIES && at + 2 * size <= entries.length; size++) {
      let same = 0;
      while (at + size + same < entries.length && key[at + same] === key[at + size + same]) same++;
      const count = 1 + Math.floor(same / size);
      if (count > 1 && count * size > best.count * best.size) best = { count, size };
    }
    blocks.push({ count: best.count, entries: entries.slice(at, at + best.size) });
    at += best.count * best.size;
  }
  return blocks;
}

/** Takes what belongs to each block out of a vector in which all tensors have their part, one after another. */
export class BlockReader {
  readonly #b: GraphBuilder;
  readonly #vector: Value;
  readonly #sizeOf: (entry: FlatEntry) => number;
  #at = 0;

  constructor(b: GraphBuilder, vector: Value, sizeOf: (entry: FlatEntry) => number = ({ shape }) => elementCount(shape)) {
    this.#b = b;
    this.#vector = vector;
    this.#sizeOf = sizeOf;
  }

  /** [count, size] for each entry; null where it has no part. */
  take({ count, entries }: Block): readonly (Value | null)[] {
    const sizes = entries.map(this.#sizeOf);
    const width = sizes.reduce((sum, size) => sum + size, 0);
    if (width === 0) return entries.map(() => null);
    const all = this.#b.reshape(this.#b.slice(this.#vector, [this.#at], [count * width]), [count, width]);
    this.#at += count * width;
    let from = 0;
    return sizes.map((size) => {
      from += size;
      return size === 0 ? null : this.#b.sliceAxis(all, 1, from - size, size);
    });
  }

  /** What no block has taken; null for nothing. */
  rest(): Value | null {
    const size = this.#vector.type.shape[0]! - this.#at;
    return size === 0 ? null : this.#b.slice(this.#vector, [this.#at], [size]);
  }
}

/** The parts of a block, put back as they lay: [count * width]. */
export function joinBlock(b: GraphBuilder, parts: readonly Value[]): Value {
  const all = b.concat(parts, 1);
  return b.reshape(all, [elementCount(all.type.shape)]);
}
