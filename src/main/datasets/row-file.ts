/**
 * @file Random access to a file of canonical rows (JSONL) of any length: an index of byte offsets, one a block of rows, lies
 * beside the file; a page reads the blocks it touches and nothing else.
 */
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { datasetFileError as broken, parseLine } from './read-lines.ts';
import { writeFileAtomically } from '../files/write-file.ts';

const NEWLINE = 10;
const CHUNK = 1024 * 1024;
/** A block ends after this many rows or bytes, whichever comes first. */
const BLOCK_ROWS = 64;
const BLOCK_BYTES = 1024 * 1024;
/** Bytes beyond which a block is none of ours: a row of the longest that is imported, with every character escaped. */
const MOST_BLOCK = 128 * 1024 * 1024;

/** Start of each block: its first row and its byte offset; `bytes` and `rows` of the whole file. */
interface Index {
  readonly bytes: number;
  readonly rows: number;
  readonly firstRows: Float64Array;
  readonly offsets: Float64Array;
}

export class RowFile {
  readonly #path: string;
  readonly #index: Index;

  private constructor(path: string, index: Index) {
    this.#path = path;
    this.#index = index;
  }

  /** Reads the index beside the file, or makes it by one pass over the file. @throws AppError DATASET-FILE */
  static async open(path: string, signal?: AbortSignal): Promise<RowFile> {
    try {
      const { size } = await stat(path);
      const known = await readIndex(`${path}.index`, size);
      if (known !== null) return new RowFile(path, known);
      const index = await buildIndex(path, size, signal);
      await writeIndex(`${path}.index`, index);
      return new RowFile(path, index);
    } catch (error) {
      if (error instanceof AppError || signal?.aborted) throw error;
      throw broken(path, (error as Error).message, error);
    }
  }

  /** The file, where the index beside it is there; null where making it is work for a worker. @throws AppError DATASET-FILE */
  static async openIndexed(path: string): Promise<RowFile | null> {
    const { size } = await stat(path).catch((error: unknown) => {
      throw broken(path, (error as Error).message, error);
    });
    const known = await readIndex(`${path}.index`, size);
    return known === null ? null : new RowFile(path, known);
  }

  get path(): string {
    return this.#path;
  }

  get rows(): number {
    return this.#index.rows;
  }

  /** Bytes that reading these rows goes through. */
  bytesOf(numbers: readonly number[]): number {
    const { firstRows, offsets, bytes } = this.#index;
    let [sum, block] = [0, -1];
    for (const number of numbers) {
      const next = blockOf(firstRows, number);
      if (next !== block) sum += (offsets[next + 1] ?? bytes) - offsets[next]!;
      block = next;
    }
    return sum;
  }

  /** Bytes of one row. @throws AppError DATASET-FILE */
  async rowBytes(number: number): Promise<number> {
    const handle = await this.#open();
    try {
      const block = blockOf(this.#index.firstRows, number);
      return Buffer.byteLength((await this.#lines(handle, block))[number - this.#index.firstRows[block]!] ?? '');
    } finally {
      await handle.close();
    }
  }

  /** Lines from a row on, a block of them in memory at a time. @throws AppError DATASET-FILE */
  async *linesFrom(number: number): AsyncGenerator<string, void, void> {
    const handle = await this.#open();
    try {
      let block = blockOf(this.#index.firstRows, number);
      let skip = number - this.#index.firstRows[block]!;
      for (; block < this.#index.offsets.length; block += 1, skip = 0) {
        const lines = await this.#lines(handle, block);
        for (let at = skip; at < lines.length; at += 1) if (lines[at] !== '') yield lines[at]!;
      }
    } finally {
      await handle.close();
    }
  }

  /** What kind of rows it holds; all of a file are of one. @throws AppError DATASET-FILE */
  async kind(): Promise<CanonicalRow['kind']> {
    const handle = await this.#open();
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
      // As the import writes rows: the kind comes first.
      const [, kind] = /^\{"kind":"([a-z-]+)"/.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
      return kind === undefined ? (await this.read([0]))[0]!.kind : (kind as CanonicalRow['kind']);
    } finally {
      await handle.close();
    }
  }

  /** Rows by number (0-based, ascending, without repeats). @param shape what is kept of each @throws AppError DATASET-FILE */
  async read<T = CanonicalRow>(numbers: readonly number[], shape: (row: CanonicalRow) => T = (row) => row as T): Promise<readonly T[]> {
    const found: T[] = [];
    const handle = await this.#open();
    try {
      let block = -1;
      let lines: readonly string[] = [];
      for (const number of numbers) {
        const wanted = blockOf(this.#index.firstRows, number);
        if (wanted !== block) {
          block = wanted;
          lines = await this.#lines(handle, block);
        }
        found.push(shape(this.#parse(lines[number - this.#index.firstRows[block]!], number)));
      }
    } finally {
      await handle.close();
    }
    return found;
  }

  async #open(): Promise<FileHandle> {
    return open(this.#path).catch((error: unknown) => {
      throw broken(this.#path, (error as Error).message, error);
    });
  }

  async #lines(handle: FileHandle, block: number): Promise<readonly string[]> {
    const { offsets, bytes } = this.#index;
    const start = offsets[block]!;
    const length = (offsets[block + 1] ?? bytes) - start;
    if (length > MOST_BLOCK) throw broken(this.#path, `around byte ${start} it has a row longer than any that is imported`, undefined);
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, start);
    return buffer.toString('utf8', 0, bytesRead).split('\n');
  }

  #parse(line: string | undefined, number: number): CanonicalRow {
    return parseLine(line ?? '', canonicalRowSchema, this.#path, number + 1);
  }
}

/** The last block that begins at or before a row. */
function blockOf(firstRows: Float64Array, row: number): number {
  let [low, high] = [0, firstRows.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (firstRows[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function buildIndex(path: string, size: number, signal?: AbortSignal): Promise<Index> {
  const [firstRows, offsets]: [number[], number[]] = [[0], [0]];
  let rows = 0;
  let [inBlock, blockStart] = [0, 0];
  const handle = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, size)));
    for (let base = 0; base < size;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, base);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
        rows += 1;
        inBlock += 1;
        const end = base + at + 1;
        if ((inBlock < BLOCK_ROWS && end - blockStart < BLOCK_BYTES) || end >= size) continue;
        firstRows.push(rows);
        offsets.push(end);
        [inBlock, blockStart] = [0, end];
      }
      base += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return { bytes: size, rows, firstRows: Float64Array.from(firstRows), offsets: Float64Array.from(offsets) };
}

/** Header of two numbers, then the two columns, all float64 in the machine's order: the file never leaves the machine. */
async function writeIndex(path: string, { bytes, rows, firstRows, offsets }: Index): Promise<void> {
  const values = new Float64Array(2 + 2 * offsets.length);
  values.set([bytes, rows]);
  values.set(firstRows, 2);
  values.set(offsets, 2 + offsets.length);
  await writeFileAtomically(path, (write) => write(new Uint8Array(values.buffer)));
}

/** Null where there is none, or one of another file. */
async function readIndex(path: string, size: number): Promise<Index | null> {
  const raw = await readFile(path).catch(() => null);
  if (raw === null || raw.byteLength < 32 || raw.byteLength % 16 !== 0) return null;
  const values = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
  const [bytes, rows] = [values[0]!, values[1]!];
  if (bytes !== size) return null;
  const blocks = (values.length - 2) / 2;
  const index = { bytes, rows, firstRows: values.slice(2, 2 + blocks), offsets: values.slice(2 + blocks) };
  return isSound(index) ? index : null;
}

/** A data folder may come from elsewhere: what is read and how much of it goes by these numbers. */
function isSound({ bytes, rows, firstRows, offsets }: Index): boolean {
  const ascends = (values: Float64Array, most: number) =>
    values[0] === 0 && values.every((value, i) => Number.isSafeInteger(value) && value <= most && (i === 0 || value > values[i - 1]!));
  return Number.isSafeInteger(rows) && rows >= 0 && ascends(firstRows, rows) && ascends(offsets, bytes);
}
