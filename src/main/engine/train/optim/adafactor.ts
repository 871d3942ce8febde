/**
 * @file Adafactor as transformers' `optim="adafactor"` runs it (scale_parameter and relative_step off, no first moment): the second moment
 * of a matrix is kept as one value a row and one a column, that of a vector in full.
 */
import type { Value } from '../../ir/graph.ts';
import { elementCount } from '../../ir/shape.ts';
import type { GraphBuilder } from '../../ops/builder.ts';
import type { FlatEntry, FlatLayout } from '../flat-layout.ts';
import { BlockReader, blocksOf, joinBlock } from './blocks.ts';
import type { Optimizer, Slot } from './optimizer.ts';

export interface AdafactorSettings {
  readonly weightDecay: number;
}

/** `decay_rate`, `eps[0]` and `clip_threshold` as transformers sets them. */
const DECAY_RATE = -0.8;
const EPSILON = 1e-30;
const CLIP_THRESHOLD = 1;

const isMatrix = ({ shape }: FlatEntry) => shape.length === 2;
/** What each tensor has in each slot, in values. */
const SLOTS = {
  'adafactor.row': (entry: FlatEntry) => (isMatrix(entry) ? entry.shape[0]! : 0),
  'adafactor.col': (entry: FlatEntry) => (isMatrix(entry) ? entry.shape[1]! : 0),
  'adafactor.v': (entry: FlatEntry) => (isMatrix(entry) ? 0 : elementCount(entry.shape)),
} as const;
const NAMES = Object.keys(SLOTS) as (keyof typeof SLOTS)[];

export function adafactor({ weightDecay }: AdafactorSettings): Optimizer {
  return {
    slots: NAMES.map((name): Slot => ({
      name,
      nonNegative: true,
      size: (layout: FlatLayout) => layout.entries.reduce((sum, entry) => sum + SLOTS[name](entry), 0),
    })),
    scalars: (step, rate) => ({ learningRate: rate, keep: 1 - step ** DECAY_RATE, take: step ** DECAY_RATE }),
    update: (b, { p, g, factor, slots, scalars, stretches }) => {
      const readers = { p: new BlockReader(b, p), g: new BlockReader(b, b.mul(g, factor)), ...slotReaders(b, slots) };
      const next: Record<string, Value[]> = { p: [] };
      for (const { entries, decayed } of stretches) {
        for (const block of blocksOf(entries)) {
          const taken = Object.entries(readers).map(([name, reader]) => [name, reader.take(block)] as const);
          const moved = block.entries.map(({ shape }, i) => {
            const parts = Object.fromEntries(taken.map(([name, values]) => [name, values[i]!]));
            return move(b, parts, shape, scalars, decayed ? weightDecay : 0);
          });
          for (const name of Object.keys(readers)) {
            const values = moved.flatMap((each) => each[name] ?? []);
            if (values.length > 0) (next[name] ??= []).push(joinBlock(b, values));
          }
        }
      }
      const rest = readers.p.rest();
      if (rest) next['p']!.push(rest);
      const joined = Object.fromEntries(Object.entries(next).map(([name, values]) => [name, b.concat(values, 0)]));
      return { p: joined['p']!, slots: joined };
    },
  };
}

function slotReaders(b: GraphBuilder, slots: Readonly<Record<string, Value>>): Record<string, BlockReader> {
  return Object.fromEntries(NAMES.flatMap((name) => (slots[name] ? [[name, new BlockReader(b, slots[name], SLOTS[name])] as const] : [])));
}

/** One tensor of every repetition. @param parts [count, size] each */
function move(
  b: GraphBuilder,
  parts: Readonly<Record<string, Value>>,
  shape: readonly number[],
  scalars: Readonly<Record<string, Value>>,
  weightDecay: number,
): Record<string, Value> {
  const { learningRate: rate, keep, take } = scalars as { readonly learningRate: Value; readonly keep: Value; readonly take: Value };
  const p = parts['p']!;
  const [count, size] = p.type.shape as [number, number];
  const average = (before: Value, now: Value) => b.add(b.mul(before, keep), b.mul(now, take));
  const g = b.reshape(parts['g']!, [count, ...shape]);
  const square = b.add(b.mul(g, g), EPSILON);
  const slots: Record<string, Value> = {};
  let direction: Value;
  if (shape.length === 2) {
    const [rows, columns] = shape as [number, number];
    const row = (slots['adafactor.row'] = average(parts['adafactor.row']!, b.div(b.sum(square, [2]), columns)));
    const column = (slots['adafactor.col'] = average(parts['adafactor.col']!, b.div(b.sum(square, [1]), rows)));
    const mean = b.div(b.sum(row, [1], true), rows);
    const ofRow = b.reshape(inverseRoot(b, b.div(row, mean)), [count, rows, 1]);
    const ofColumn = b.reshape(inverseRoot(b, column), [count, 1, columns]);
    direction = b.mul(b.mul(ofRow, ofColumn), g);
  } else {
    const v = (slots['adafactor.v'] = average(parts['adafactor.v']!, b.reshape(square, [count, size])));
    direction = b.mul(b.reshape(inverseRoot(b, v), [count, ...shape]), g);
  }
  const flat = b.reshape(direction, [count, size]);
  const rms = b.div(b.sqrt(b.sum(b.mul(flat, flat), [1], true)), Math.sqrt(size));
  const step = b.mul(b.div(flat, b.max(b.div(rms, CLIP_THRESHOLD), 1)), rate);
  const decayed = weightDecay === 0 ? p : b.sub(p, b.mul(p, b.mul(rate, weightDecay)));
  return { p: b.sub(decayed, step), ...slots };
}

function inverseRoot(b: GraphBuilder, x: Value): Value {
  return b.div(b.fullLike(x, 1), b.sqrt(x));
}
