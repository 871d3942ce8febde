/** @file Pages of rows as screens get them: never more than a message may hold, whatever the rows are. */
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import type { DatasetRow } from '../../../shared/domain/dataset-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { weightOf } from '../../../shared/lib/weight.ts';
import { cutValue } from '../../datasets/cut-value.ts';
import { RowFile } from '../../datasets/row-file.ts';
import { runTask } from '../../worker-host/workers.ts';

/** Characters of a page; beyond, its longest rows are cut. */
const PAGE = 2 * 1024 * 1024;
/** Bytes of a file that the host reads for one page; more is a worker's. */
const READ = 4 * 1024 * 1024;

/** A version's file; its index is made by a worker where it is missing. @throws AppError DATASET-FILE */
export async function openRows(file: string): Promise<RowFile> {
  const known = await RowFile.openIndexed(file);
  if (known !== null) return known;
  await runTask('index', { file }, { about: file });
  return RowFile.open(file);
}

export class RowPages {
  readonly #file: RowFile;
  readonly #most: number;
  readonly #cut = new WeakSet<CanonicalRow>();

  /** @param rows of one page, which share its size */
  constructor(file: RowFile, rows: number) {
    this.#file = file;
    this.#most = Math.floor(PAGE / Math.max(1, rows));
  }

  /** Rows by number, ascending. @throws AppError DATASET-FILE */
  async read(numbers: readonly number[]): Promise<readonly CanonicalRow[]> {
    if (this.#file.bytesOf(numbers) <= READ) return this.#file.read(numbers);
    const rows = await runTask('rows', { file: this.#file.path, numbers, most: this.#most }, { about: this.#file.path });
    for (const { row, cut } of rows) if (cut) this.#cut.add(row);
    return rows.map(({ row }) => row);
  }

  /** The rows of a page with what is too long for it cut, and said to be. */
  fitted(rows: readonly DatasetRow[]): readonly DatasetRow[] {
    let weight = 0;
    for (const { row } of rows) weight += weightOf(row, PAGE);
    return rows.map((each) => {
      const row = weight <= PAGE ? each.row : cutValue(each.row, this.#most);
      return row !== each.row || this.#cut.has(each.row) ? { ...each, row, cut: true } : each;
    });
  }

  /** Refuses a row that is shown cut even by itself: saving what is shown would lose the rest. @throws AppError ROW-TOO-LONG */
  async assertWhole(number: number): Promise<void> {
    if (this.#file.bytesOf([number]) <= PAGE || (await this.#file.rowBytes(number)) <= PAGE) return;
    throw tooLong();
  }
}

/** Refuses what could not be shown as a whole any more. @throws AppError ROW-TOO-LONG */
export function assertFits(row: CanonicalRow): void {
  if (weightOf(row, PAGE) > PAGE) throw tooLong();
}

function tooLong(): AppError {
  return new AppError({
    code: 'ROW-TOO-LONG',
    message: `A row of more than ${PAGE / 2 ** 20} MB can be shown and deleted here, not changed.`,
    remedy: 'Change it in the file and import that again.',
  });
}
