import type { RowName } from '../../../shared/domain/finding.ts';
import type { FindingLog } from './encode-findings.ts';
import { PACK_GROUP, Packer, type Packing, type Piece } from './pack.ts';

/** What packing does to the rows that pass by; memory does not grow with the dataset. */
export class PackReport {
  readonly #packing: Packing;
  readonly #log: FindingLog;
  readonly #packer: Packer;
  /** Of the rows that are not packed yet. */
  readonly #names = new Map<number, RowName>();
  #rows = 0;
  #packs = 0;
  #finished = false;

  constructor(packing: Packing, log: FindingLog) {
    this.#packing = packing;
    this.#log = log;
    this.#packer = new Packer(packing, (pack) => this.#take(pack));
  }

  add(name: RowName, length: number): void {
    if (this.#packing.strategy === 'bfd_split' && length > this.#packing.length) {
      this.#log.add('split', name, `at most ${this.#packing.length} tokens each`);
    }
    this.#names.set(this.#rows++, name);
    this.#packer.add(length);
    if (this.#rows % PACK_GROUP === 0) this.#names.clear();
  }

  /** @param rows that were packed */
  finish(rows: number): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#packer.finish();
    const { strategy, length } = this.#packing;
    if (rows > 0) this.#log.add('packed', null, `${rows} rows make ${this.#packs} packs of at most ${length} tokens (${strategy})`);
  }

  count(): number {
    return this.#packs;
  }

  #take(pack: readonly Piece[]): void {
    this.#packs++;
    const [first] = pack;
    // A row that fills several packs is named at its first border.
    if (this.#packing.strategy === 'wrapped' && first !== undefined && first.start > 0 && first.start <= this.#packing.length) {
      this.#log.add('wrapped', this.#names.get(first.row)!);
    }
  }
}
