import { expect, test } from 'vitest';
import { referenceBackend } from '../backends/reference/reference-backend.ts';
import type { HostTensor } from '../backends/backend.ts';
import type { Value } from '../ir/graph.ts';
import { GraphBuilder } from '../ops/builder.ts';
import { seededRandom } from '../../../shared/lib/seeded-random.ts';
import { attendToBatch, attendToCache } from './attention.ts';

const [BATCH, KEYS, HEADS, KV, DIM] = [2, 9, 4, 2, 6] as const;
const SCALE = 0.3;

function random(seed: number, shape: readonly number[]): HostTensor {
  const draw = seededRandom(seed);
  return { dtype: 'f32', shape, data: Float32Array.from({ length: shape.reduce((x, y) => x * y) }, () => 2 * draw() - 1) };
}

const q = random(1, [BATCH, KEYS, HEADS, DIM]);
const k = random(2, [BATCH, KEYS, KV, DIM]);
const v = random(3, [BATCH, KEYS, KV, DIM]);

/** Softmax over the keys first to last, element by element. */
function expected(query: HostTensor, row: number, t: number, head: number, first: number, last: number): number[] {
  const at = (tensor: HostTensor, heads: number, place: number, h: number, d: number) =>
    tensor.data[((row * tensor.shape[1]! + place) * heads + h) * DIM + d]!;
  const kv = Math.floor(head / (HEADS / KV));
  const keys = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const weights = keys.map((key) =>
    Math.exp(SCALE * Array.from({ length: DIM }, (_, d) => at(query, HEADS, t, head, d) * at(k, KV, key, kv, d)).reduce((x, y) => x + y)),
  );
  const sum = weights.reduce((x, y) => x + y);
  return Array.from({ length: DIM }, (_, d) => keys.reduce((total, key, i) => total + (weights[i]! / sum) * at(v, KV, key, kv, d), 0));
}

async function run(query: HostTensor, build: (b: GraphBuilder, values: readonly [Value, Value, Value]) => Value): Promise<Float32Array> {
  const b = new GraphBuilder('attention');
  const input = (name: string, { shape }: HostTensor) => b.input(name, { dtype: 'f32', shape });
  b.output('out', build(b, [input('q', query), input('k', k), input('v', v)]));
  const session = await referenceBackend.open();
  return (await (await session.compile(b.finish())).run({ q: query, k, v }))['out']!.data as Float32Array;
}

function check(query: HostTensor, got: Float32Array, range: (row: number, t: number) => readonly [number, number]): void {
  const tokens = query.shape[1]!;
  for (let row = 0; row < BATCH; row++)
    for (let t = 0; t < tokens; t++)
      for (let head = 0; head < HEADS; head++) {
        const start = ((row * tokens + t) * HEADS + head) * DIM;
        expected(query, row, t, head, ...range(row, t)).forEach((value, d) => expect(got[start + d], `row ${row}, query ${t}`).toBeCloseTo(value, 5));
      }
}

test.each([
  [null, 99],
  [1, 1],
  [3, 3],
  [20, 20],
])('a window of %s keys, in a batch', async (window, width) => {
  const got = await run(q, (b, [x, y, z]) => attendToBatch(b, { scale: SCALE, window }, x, y, z));
  check(q, got, (_, t) => [Math.max(0, t - width + 1), t]);
});

test.each([
  [null, 99],
  [2, 2],
])('a window of %s keys does not look out of its segment', async (window, width) => {
  const first = [0, 0, 0, 3, 3, 3, 3, 7, 7];
  const got = await run(q, (b, [x, y, z]) => {
    const keys = (of: (t: number) => number) =>
      b.concat(
        first.map((_, t) => b.constant(of(t), 'i32', [BATCH, 1])),
        1,
      );
    return attendToBatch(b, { scale: SCALE, window }, x, y, z, { first: keys((t) => first[t]!), last: keys((t) => t) });
  });
  check(q, got, (_, t) => [Math.max(first[t]!, t - width + 1), t]);
});

test.each([
  [null, 99],
  [4, 4],
])('a window of %s keys, over a cache', async (window, width) => {
  const one = random(4, [BATCH, 1, HEADS, DIM]);
  const places = [7, 2];
  const got = await run(one, (b, [x, y, z]) => {
    const positions = b.concat(
      places.map((place) => b.constant(place, 'i32', [1, 1])),
      0,
    );
    return attendToCache(b, { scale: SCALE, window }, x, y, z, positions);
  });
  check(one, got, (row) => [Math.max(0, places[row]! - width + 1), places[row]!]);
});
