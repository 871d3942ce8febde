import type { BadRow } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { remove } from '../files/folders.ts';
import { AtomicFile, type OpenForWriting } from '../files/line-file.ts';

/** Refused rows whose text and reason are kept: more than a person mends, and a list that does not outgrow its file. */
const MOST_LISTED = 10_000;
const MOST_LISTED_BYTES = 32 * 1024 * 1024;
const MOST_SAMPLES = 20;
/** Refused rows after which a file with fewer than one usable row in ten is given up: it is something else than was thought. */
const MOST_IN_VAIN = 100_000;

/** The refused rows: the first ones in a file made when there is one, a few of them in memory, the others counted. */
export class BadRows {
  readonly samples: BadRow[] = [];
  count = 0;
  #listed = 0;
  #bytes = 0;
  readonly #path: string;
  readonly #openFile: OpenForWriting | undefined;
  #file: AtomicFile | null = null;

  constructor(path: string, openFile?: OpenForWriting) {
    this.#path = path;
    this.#openFile = openFile;
  }

  /** Rows that are counted and not listed. */
  get unlisted(): number {
    return this.count - this.#listed;
  }

  /** Null where nothing has to be waited for. */
  add(row: BadRow): Promise<void> | null {
    this.count += 1;
    if (this.samples.length < MOST_SAMPLES) this.samples.push(row);
    if (this.#listed >= MOST_LISTED || this.#bytes >= MOST_LISTED_BYTES) return null;
    this.#listed += 1;
    const line = JSON.stringify(row);
    this.#bytes += line.length;
    return this.#file === null ? this.#begin(line) : this.#file.writeLine(line);
  }

  async #begin(line: string): Promise<void> {
    this.#file = await AtomicFile.create(this.#path, this.#openFile);
    await this.#file.writeLine(line);
  }

  async seal(): Promise<void> {
    await this.#file?.seal();
  }

  /** The file's path; null, with an earlier import's list removed, when no row was refused. */
  async commit(): Promise<string | null> {
    if (this.#file === null) {
      await remove(this.#path);
      return null;
    }
    await this.#file.commit();
    return this.#path;
  }

  async discard(): Promise<void> {
    await this.#file?.discard();
  }
}

/** Whether going on with a file is in vain. */
export function isInVain(usable: number, refused: number): boolean {
  return refused >= MOST_IN_VAIN && refused > usable * 9;
}

export function inVain(file: string, usable: number, refused: number, samples: readonly BadRow[]): AppError {
  const first = samples[0];
  return new AppError({
    code: 'E-FMT-BAD-ROWS',
    message: `${file} is no dataset that can be used: of its first ${(usable + refused).toLocaleString('en')} rows ${refused.toLocaleString('en')} were refused${first === undefined ? '' : `; the first (${first.source}): ${first.reason}`}.`,
    data: { file, rows: usable, badRows: refused, samples },
    remedy: 'Choose another file, repair it, or choose the format or the column mapping yourself.',
  });
}
