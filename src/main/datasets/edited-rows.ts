/**
 * @file A dataset's version with edits laid over it. Rows have keys that edits name: a row of the version has its number there;
 * an added one a number beyond, by the edit that added it. Deleting moves positions, never keys.
 */
import { z } from 'zod';
import type { CanonicalRow } from '../../shared/domain/dataset.ts';
import { rowEditSchema, type DatasetRow, type EditState } from '../../shared/domain/dataset-record.ts';

/** One line of the journal. */
export interface JournalEntry {
  readonly seq: number;
  readonly edit_json: string;
  readonly undone: 0 | 1;
}

const editSchema = z.string().transform((text) => rowEditSchema.parse(JSON.parse(text)));

export class EditedRows {
  readonly #baseRows: number;
  readonly #replaced = new Map<number, CanonicalRow>();
  /** Keys of the version's rows that are gone, ascending. */
  readonly #deleted: readonly number[];
  /** In the order they stand at the end. */
  readonly #added: readonly { readonly key: number; readonly row: CanonicalRow }[];
  readonly state: EditState;

  constructor(baseRows: number, journal: readonly JournalEntry[]) {
    this.#baseRows = baseRows;
    const deleted = new Set<number>();
    const added = new Map<number, CanonicalRow>();
    const effective = journal.filter(({ undone }) => undone === 0);
    for (const { seq, edit_json: json } of effective) {
      const edit = editSchema.parse(json);
      if (edit.kind === 'add') added.set(baseRows + seq, edit.row);
      else if (edit.kind === 'delete') {
        for (const key of edit.keys) {
          if (key < baseRows) deleted.add(key);
          else added.delete(key);
        }
      } else if (edit.key < baseRows) this.#replaced.set(edit.key, edit.row);
      else if (added.has(edit.key)) added.set(edit.key, edit.row);
    }
    this.#deleted = [...deleted].sort((x, y) => x - y);
    this.#added = [...added].map(([key, row]) => ({ key, row }));
    this.state = {
      rows: baseRows - this.#deleted.length + this.#added.length,
      pending: effective.length,
      canUndo: effective.length > 0,
      canRedo: effective.length < journal.length,
    };
  }

  has(key: number): boolean {
    return key < this.#baseRows ? !this.#isDeleted(key) : this.#added.some((row) => row.key === key);
  }

  /** Whether a row of the version has been given another content. */
  isReplaced(key: number): boolean {
    return this.#replaced.has(key);
  }

  /** @param read the version's rows by number, ascending */
  async page(offset: number, limit: number, read: (numbers: readonly number[]) => Promise<readonly CanonicalRow[]>): Promise<readonly DatasetRow[]> {
    const end = Math.min(offset + limit, this.state.rows);
    const kept = this.#baseRows - this.#deleted.length;
    const keys: number[] = [];
    for (let position = offset; position < Math.min(end, kept); position++) keys.push(this.#keyAt(position));
    const unchanged = keys.filter((key) => !this.#replaced.has(key));
    const rows = await read(unchanged);
    const byKey = new Map(unchanged.map((key, i) => [key, rows[i]!]));
    const base = keys.map((key, i): DatasetRow => ({
      key,
      position: offset + i,
      row: this.#replaced.get(key) ?? byKey.get(key)!,
      change: this.#replaced.has(key) ? 'edited' : 'none',
    }));
    const firstAdded = Math.max(0, offset - kept);
    const tail = this.#added.slice(firstAdded, Math.max(0, end - kept));
    return [...base, ...tail.map(({ key, row }, i): DatasetRow => ({ key, position: kept + firstAdded + i, row, change: 'added' }))];
  }

  /**
   * Rows as the lines they are saved as; unchanged ones as they stand in the version's file.
   * @param linesFrom that file's lines, from a row on
   */
  async *lines(first: number, count: number, linesFrom: (key: number) => AsyncIterable<string>): AsyncGenerator<string, void, void> {
    const kept = this.#baseRows - this.#deleted.length;
    let left = Math.max(0, Math.min(count, this.state.rows - first));
    if (first < kept && left > 0) {
      let key = this.#keyAt(first);
      for await (const line of linesFrom(key)) {
        if (!this.#isDeleted(key)) {
          const replaced = this.#replaced.get(key);
          yield replaced === undefined ? line : JSON.stringify(replaced);
          left -= 1;
        }
        key += 1;
        if (left === 0 || key >= this.#baseRows) break;
      }
    }
    for (const { row } of this.#added.slice(Math.max(0, first - kept), Math.max(0, first - kept) + left)) yield JSON.stringify(row);
  }

  /** The key of the version's row at a position: the position, and one for each deleted row before it. */
  #keyAt(position: number): number {
    let [low, high] = [0, this.#deleted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#deleted[middle]! - middle <= position) low = middle + 1;
      else high = middle;
    }
    return position + low;
  }

  #isDeleted(key: number): boolean {
    let [low, high] = [0, this.#deleted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#deleted[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return this.#deleted[low] === key;
  }
}
