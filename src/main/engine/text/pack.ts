/**
 * @file Which rows share a pack, as TRL 1.13's `pack_dataset` decides it (spec 3.2): from the lengths alone, a group of a thousand rows at a
 * time. Rows without a token belong to no pack.
 */

/** A stretch of an encoded row. */
export interface Piece {
  readonly row: number;
  readonly start: number;
  readonly length: number;
}

export type PackingStrategy = 'bfd' | 'bfd_split' | 'wrapped';

export interface Packing {
  readonly strategy: PackingStrategy;
  /** Tokens of a pack at most. */
  readonly length: number;
}

/** Rows that TRL packs among themselves: the batch of `datasets.map`. */
export const PACK_GROUP = 1000;

/** Packs of one group, in order. @param length of a pack at most */
type Strategy = (rows: readonly Piece[], length: number) => readonly (readonly Piece[])[];

const STRATEGIES: Readonly<Record<PackingStrategy, Strategy>> = {
  bfd: (rows, length) =>
    bestFit(
      rows.map((row) => ({ ...row, length: Math.min(row.length, length) })),
      length,
    ),
  bfd_split: (rows, length) =>
    bestFit(
      rows.flatMap((row) => split(row, length)),
      length,
    ),
  wrapped: wrap,
};

/** Makes packs of rows that come by in the order of the dataset. */
export class Packer {
  readonly #strategy: Strategy;
  readonly #length: number;
  readonly #onPack: (pieces: readonly Piece[]) => void;
  #rows = 0;
  #group: Piece[] = [];

  /** @param onPack hears of every pack, in order */
  constructor({ strategy, length }: Packing, onPack: (pieces: readonly Piece[]) => void) {
    this.#strategy = STRATEGIES[strategy];
    this.#length = length;
    this.#onPack = onPack;
  }

  /** @param length of the next row, in tokens */
  add(length: number): void {
    if (length > 0) this.#group.push({ row: this.#rows, start: 0, length });
    this.#rows++;
    if (this.#rows % PACK_GROUP === 0) this.#flush();
  }

  finish(): void {
    this.#flush();
  }

  #flush(): void {
    for (const pack of this.#strategy(this.#group, this.#length)) this.#onPack(pack);
    this.#group = [];
  }
}

function split({ row, length: whole }: Piece, length: number): readonly Piece[] {
  return Array.from({ length: Math.ceil(whole / length) }, (_, i) => ({ row, start: i * length, length: Math.min(length, whole - i * length) }));
}

/** Longest first, equals in their order; each goes where least space is left over, into the pack that has had this space longest. */
function bestFit(pieces: readonly Piece[], length: number): readonly (readonly Piece[])[] {
  const packs: Piece[][] = [];
  const open = new Map<number, Piece[][]>();
  /** Ascending, of the packs that are open. */
  const spaces: number[] = [];
  for (const piece of pieces.toSorted((x, y) => y.length - x.length)) {
    const at = firstAtLeast(spaces, piece.length);
    const space = spaces[at] ?? length;
    const pack = at < spaces.length ? takeFrom(open, spaces, at) : [];
    if (space === length) packs.push(pack);
    pack.push(piece);
    putInto(open, spaces, space - piece.length, pack);
  }
  return packs;
}

function takeFrom(open: Map<number, Piece[][]>, spaces: number[], at: number): Piece[] {
  const queue = open.get(spaces[at]!)!;
  const pack = queue.shift()!;
  if (queue.length === 0) spaces.splice(at, 1);
  return pack;
}

function putInto(open: Map<number, Piece[][]>, spaces: number[], space: number, pack: Piece[]): void {
  if (space === 0) return;
  const queue = open.get(space) ?? [];
  open.set(space, queue);
  if (queue.length === 0) spaces.splice(firstAtLeast(spaces, space), 0, space);
  queue.push(pack);
}

function firstAtLeast(ascending: readonly number[], least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One after another, cut wherever a pack is full. */
function wrap(rows: readonly Piece[], length: number): readonly (readonly Piece[])[] {
  const packs: Piece[][] = [];
  let space = 0;
  for (const { row, length: whole } of rows) {
    for (let start = 0; start < whole;) {
      if (space === 0) {
        packs.push([]);
        space = length;
      }
      const taken = Math.min(space, whole - start);
      packs.at(-1)!.push({ row, start, length: taken });
      start += taken;
      space -= taken;
    }
  }
  return packs;
}
