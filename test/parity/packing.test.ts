/** Packs and flat batches against TRL's own (fixtures/packing): which rows, in which order, where segments begin, what is learned. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fillBatch } from '../../src/main/engine/data/batch.ts';
import { joinSequences } from '../../src/main/engine/data/examples.ts';
import { Packer, type PackingStrategy, type Piece } from '../../src/main/engine/text/pack.ts';
import { parityFixture } from '../support/fixture.ts';

interface Packs {
  readonly name: string;
  readonly strategy: PackingStrategy;
  readonly max_length: number;
  readonly lengths: readonly number[];
  /** [first id, how many] of each stretch of a pack */
  readonly packs: readonly (readonly (readonly [number, number])[])[];
  readonly seq_lengths?: readonly (readonly number[])[];
}

interface Example {
  readonly input_ids: readonly number[];
  readonly labels: readonly number[];
  readonly seq_lengths?: readonly number[];
}

interface Batches {
  readonly examples: readonly Example[];
  readonly padding_free: boolean;
  readonly pad_to_multiple_of: number | null;
  readonly batch: { readonly input_ids: readonly number[][]; readonly labels: readonly number[][]; readonly position_ids?: readonly number[][] };
}

const read = <T>(name: string) => JSON.parse(readFileSync(parityFixture('packing', name), 'utf8')) as readonly T[];

it.each(read<Packs>('packs.json').map((golden) => [golden.name, golden.strategy, golden] as const))(
  "%s: %s makes TRL's packs",
  (_name, strategy, golden) => {
    const packs: (readonly Piece[])[] = [];
    const packer = new Packer({ strategy, length: golden.max_length }, (pack) => packs.push(pack));
    for (const length of golden.lengths) packer.add(length);
    packer.finish();
    const begin = golden.lengths.map((_, row) => golden.lengths.slice(0, row).reduce((sum, length) => sum + length, 0));
    const ids = packs.map((pack) => pack.flatMap(({ row, start, length }) => Array.from({ length }, (_, i) => begin[row]! + start + i)));
    expect(ids).toEqual(golden.packs.map((pack) => pack.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => first + i))));
    if (golden.seq_lengths) expect(packs.map((pack) => pack.map(({ length }) => length))).toEqual(golden.seq_lengths);
    else expect(strategy).toBe('wrapped');
  },
);

it.each(read<Batches>('batches.json').map((golden, i) => [i, golden] as const))(
  "batch %i is TRL's",
  (_i, { examples, padding_free: flat, batch: want }) => {
    const sequences = examples.map(({ input_ids: ids, labels, seq_lengths: segments }) => ({
      inputIds: Int32Array.from(ids),
      labels: Int32Array.from(labels),
      segments,
    }));
    const [batch, length] = [want.input_ids.length, want.input_ids[0]!.length];
    const targets = want.labels.flatMap((labels, b) =>
      labels.flatMap((label, t) => (t > 0 && label !== -100 ? [[b * length + t - 1, label] as const] : [])),
    );
    const bucket = { batch, length, rows: targets.length, segmented: flat };
    const filled = fillBatch(flat ? [joinSequences(sequences)] : sequences, bucket, 0);
    expect([...filled.batch.ids]).toEqual(want.input_ids.flat());
    expect([...filled.batch.rows].map((row, i) => [row, filled.batch.targets[i]])).toEqual(targets);
    expect(filled.targets).toBe(targets.length);
    if (flat) expect([...filled.batch.segments!.positions]).toEqual(want.position_ids!.flat());
  },
);
