/**
 * An encoded dataset on disk: made once by streaming, read row by row, so a dataset larger than memory trains.
 * A folder named by its key holds `tokens.bin` (each row: its ids, then its labels, int32), `index.bin` and
 * `meta.json`. It is written under another name and renamed when complete, so a folder with a key's name is whole.
 * Long because writing, sealing and reading back are the two sides of one format, which belong in one sight.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFile, stat, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import { makeFolder, makeNewFolder, move, remove } from '../../files/folders.ts';
import { createFile, openOwnFile } from '../../files/open-file.ts';
import { sealOfHandle } from '../../files/seal.ts';
import { writeFileSynced } from '../../files/write-file.ts';
import { claimWork, sweepWork } from '../../files/work-lock.ts';
import type { EncodeReport } from '../text/encode-report.ts';
import type { EncodedRow, RowEncoder } from '../text/encode.ts';
import { readCanonicalRows } from './canonical-rows.ts';

/** Raised when the same rows come to be encoded otherwise, or are kept otherwise. */
const VERSION = 4;
/** Rows handed to the encoder at once: enough to keep every core of the tokenizer busy. */
const ENCODE_BATCH = 256;
/** Folders being written; a build that is killed leaves its own behind. */
const BUILDING = 'building-';

export interface CacheKeyParts {
  /** `contentHash` of the imported dataset. */
  readonly datasetHash: string;
  /** `tokenizerFingerprint` of the tokenizer. */
  readonly tokenizerHash: string;
  /** Everything else that changes ids or labels, JSON-serialisable: loss, maximum length, template, markers. */
  readonly settings: unknown;
}

/** The cache folder's name: sha256, hex. */
export function cacheKey(parts: CacheKeyParts): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, parts.datasetHash, parts.tokenizerHash, parts.settings]))
    .digest('hex');
}

export interface EncodeProgress {
  readonly rows: number;
  /** Of the canonical file. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface BuildCacheRequest {
  /** JSONL of CanonicalRow. */
  readonly file: string;
  readonly key: string;
  /** Folder that holds all caches. */
  readonly cacheRoot: string;
  /** sha256 of `file`, where it is known: rows that changed since their import are not trained on. */
  readonly contentHash?: string | undefined;
  /** A fresh encoder; used only if the cache does not exist yet. */
  readonly encoder: RowEncoder;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: EncodeProgress) => void) | undefined;
  /** Hears of a cache that was not as it was written; it is made again. */
  readonly onDropped?: ((why: string) => void) | undefined;
}

/**
 * Opens the cache of `key`, encoding the dataset first if there is none, or one that is not as it was written. Close the result.
 * @throws AppError ROWS-CHANGED; DISK-FULL, FILE-DENIED, FILE-WRITE naming `cacheRoot`; those of the rows and the encoder
 */
export async function openOrBuildCache(request: BuildCacheRequest): Promise<EncodedDataset> {
  const folder = join(request.cacheRoot, request.key);
  if (await exists(folder)) {
    try {
      return await EncodedDataset.open(folder, request.signal);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CACHE-BROKEN')) throw error;
      request.onDropped?.(error.message);
      await remove(folder);
    }
  }
  await buildCache(request, folder);
  return EncodedDataset.open(folder, request.signal);
}

/** Whether there is a cache of this name; whether it is whole, opening it will tell. */
export function hasCache(cacheRoot: string, key: string): Promise<boolean> {
  return exists(join(cacheRoot, key));
}

async function buildCache(request: BuildCacheRequest, folder: string): Promise<void> {
  const saving = <T>(work: Promise<T>) =>
    work.catch((error: unknown): never => {
      throw writeError(request.cacheRoot, error);
    });
  await saving(makeFolder(request.cacheRoot));
  await saving(
    sweepWork(
      request.cacheRoot,
      (name) => name.startsWith(BUILDING),
      () => false,
    ),
  );
  const building = join(request.cacheRoot, BUILDING + randomUUID());
  const claim = await saving(claimWork(building));
  try {
    await saving(makeNewFolder(building));
    const totalBytes = (await stat(request.file)).size;
    const writer = await saving(CacheWriter.create(building));
    try {
      let seen = 0;
      const hash = createHash('sha256');
      for await (const { rows, bytes } of readCanonicalRows(request.file, ENCODE_BATCH, request.signal, (chunk) => hash.update(chunk))) {
        await saving(writer.append(await request.encoder.encode(rows)));
        seen += rows.length;
        request.onProgress?.({ rows: seen, bytes, totalBytes });
      }
      if (request.contentHash !== undefined && hash.digest('hex') !== request.contentHash) throw rowsChanged(request.file);
      await saving(writer.finish(request.encoder.finish()));
    } finally {
      await writer.close();
    }
    await saving(publish(building, folder));
  } finally {
    await remove(building);
    claim.release();
  }
}

async function publish(building: string, folder: string): Promise<void> {
  try {
    await move(building, folder);
  } catch {
    if (await exists(folder)) return; // another run finished the same key first: its folder is as good
    // Half of one, left by who knows what.
    await remove(folder);
    await move(building, folder);
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await stat(join(folder, 'meta.json'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

interface Meta {
  readonly version: number;
  readonly endianness: string;
  readonly rows: number;
  readonly report: EncodeReport;
  /** sha256 of the two other files. */
  readonly tokens: string;
  readonly index: string;
  /** sha256 of all this. */
  readonly seal: string;
}

function sealOf(meta: Partial<Meta>): string {
  return createHash('sha256')
    .update(canonicalJson({ ...meta, seal: undefined }))
    .digest('hex');
}

class CacheWriter {
  private readonly folder: string;
  private readonly tokens: FileHandle;
  private readonly index: FileHandle;
  private rows = 0;
  private position = 0;
  private readonly hashes = { tokens: createHash('sha256'), index: createHash('sha256') };

  private constructor(folder: string, tokens: FileHandle, index: FileHandle) {
    this.folder = folder;
    this.tokens = tokens;
    this.index = index;
  }

  static async create(folder: string): Promise<CacheWriter> {
    const tokens = await createFile(join(folder, 'tokens.bin'));
    try {
      return new CacheWriter(folder, tokens, await createFile(join(folder, 'index.bin')));
    } catch (error) {
      await tokens.close();
      throw error;
    }
  }

  async append(rows: readonly EncodedRow[]): Promise<void> {
    const size = rows.reduce((sum, row) => sum + row.inputIds.length, 0);
    const data = new Int32Array(2 * size);
    // Per row: first token, number of tokens, targets, source. Float64 holds offsets beyond 2^32 exactly.
    const index = new Float64Array(4 * rows.length);
    let at = 0;
    for (const [i, row] of rows.entries()) {
      data.set(row.inputIds, at);
      data.set(row.labels, at + row.inputIds.length);
      index.set([this.position, row.inputIds.length, row.targets, row.source], 4 * i);
      at += 2 * row.inputIds.length;
      this.position += row.inputIds.length;
    }
    this.hashes.tokens.update(data);
    this.hashes.index.update(index);
    await writeAll(this.tokens, data);
    await writeAll(this.index, index);
    this.rows += rows.length;
  }

  async finish(report: EncodeReport): Promise<void> {
    await this.tokens.sync();
    await this.index.sync();
    const facts = {
      version: VERSION,
      endianness: endianness(),
      rows: this.rows,
      report,
      tokens: this.hashes.tokens.digest('hex'),
      index: this.hashes.index.digest('hex'),
    };
    const meta: Meta = { ...facts, seal: sealOf(facts) };
    await writeFileSynced(join(this.folder, 'meta.json'), (write) => write(new TextEncoder().encode(JSON.stringify(meta))));
  }

  async close(): Promise<void> {
    await this.tokens.close();
    await this.index.close();
  }
}

async function writeAll(file: FileHandle, data: Int32Array | Float64Array): Promise<void> {
  let rest = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  while (rest.length > 0) rest = rest.subarray((await file.write(rest)).bytesWritten);
}

/** A complete cache, open for reading. */
export class EncodedDataset {
  readonly rows: number;
  readonly report: EncodeReport;
  /** Of all that it holds: equal hashes mean equal tokens and labels. */
  readonly sha256: string;
  /** The name of its folder. */
  readonly key: string;
  private readonly folder: string;
  private readonly tokens: FileHandle;
  /** [rows, 4]: first token, tokens, targets, source. */
  private readonly index: Float64Array;

  private constructor(folder: string, tokens: FileHandle, index: Float64Array, meta: Meta) {
    this.folder = folder;
    this.tokens = tokens;
    this.index = index;
    this.rows = meta.rows;
    this.report = meta.report;
    this.key = basename(folder);
    this.sha256 = createHash('sha256').update(`${meta.tokens} ${meta.index}`).digest('hex');
  }

  /** Reads it to its end once. @throws AppError CACHE-BROKEN if the folder is not a cache as this program wrote it, byte for byte */
  static async open(folder: string, signal?: AbortSignal): Promise<EncodedDataset> {
    const meta = await readMeta(folder);
    const bytes = await readFile(join(folder, 'index.bin')).catch((error: unknown) => {
      throw broken(folder, 'its index.bin cannot be read', error);
    });
    const index = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.byteLength % 8)));
    const tokens = await openOwnFile(join(folder, 'tokens.bin')).catch((error: unknown) => {
      throw broken(folder, 'its tokens.bin cannot be read', error);
    });
    try {
      if (createHash('sha256').update(bytes).digest('hex') !== meta.index) throw broken(folder, 'index.bin was changed after it was written');
      if (index.length !== 4 * meta.rows || (await tokens.stat()).size !== 8 * tokensIn(index))
        throw broken(folder, 'its files do not fit each other');
      if ((await sealOfHandle(tokens, signal)).sha256 !== meta.tokens) throw broken(folder, 'tokens.bin was changed after it was written');
      return new EncodedDataset(folder, tokens, index, meta);
    } catch (error) {
      await tokens.close();
      throw error;
    }
  }

  /** Tokens of a row. */
  length(row: number): number {
    return this.entry(row, 1);
  }

  /** Targets of a row after the shift. */
  targets(row: number): number {
    return this.entry(row, 2);
  }

  async read(row: number): Promise<EncodedRow> {
    const [start, length] = [this.entry(row, 0), this.entry(row, 1)];
    const data = new Int32Array(2 * length);
    const bytes = new Uint8Array(data.buffer);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.tokens.read(bytes, done, bytes.length - done, 8 * start + done);
      if (bytesRead === 0) throw broken(this.folder, `row ${row} lies beyond the end of tokens.bin`);
      done += bytesRead;
    }
    return { source: this.entry(row, 3), inputIds: data.subarray(0, length), labels: data.subarray(length), targets: this.entry(row, 2) };
  }

  /** Rows in the order asked for. */
  async readRows(rows: ArrayLike<number>): Promise<EncodedRow[]> {
    return Promise.all(Array.from(rows, (row) => this.read(row)));
  }

  async close(): Promise<void> {
    await this.tokens.close();
  }

  private entry(row: number, column: number): number {
    const value = Number.isInteger(row) && row >= 0 ? this.index[4 * row + column] : undefined;
    if (value === undefined) throw new RangeError(`[encoded-cache] row ${row} of ${this.rows}`);
    return value;
  }
}

/** Tokens of all rows, which follow each other without a gap; NaN where the numbers are not those of rows. A seal can be made by anybody. */
function tokensIn(index: Float64Array): number {
  let next = 0;
  for (let at = 0; at < index.length; at += 4) {
    const [start, length, targets, source] = index.subarray(at, at + 4) as unknown as readonly [number, number, number, number];
    const isRow = start === next && [length, targets, source].every(Number.isSafeInteger) && length >= 0 && targets >= 0 && targets <= length;
    if (!isRow) return NaN;
    next += length;
  }
  return next;
}

async function readMeta(folder: string): Promise<Meta> {
  let meta: Partial<Meta>;
  try {
    meta = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')) as Partial<Meta>;
  } catch (error) {
    throw broken(folder, 'its meta.json cannot be read', error);
  }
  if (typeof meta !== 'object' || meta === null || meta.seal !== sealOf(meta)) throw broken(folder, 'meta.json was changed after it was written');
  if (meta.version !== VERSION || meta.endianness !== endianness() || typeof meta.rows !== 'number' || meta.report === undefined) {
    throw broken(folder, 'it was written by another version or machine');
  }
  return meta as Meta;
}

function rowsChanged(file: string): AppError {
  return new AppError({
    code: 'ROWS-CHANGED',
    message: `The imported rows ${file} were changed after their import: they are not trained on.`,
    data: { file },
    remedy: 'Import the dataset again, or put the earlier rows back.',
  });
}

function broken(folder: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    {
      code: 'CACHE-BROKEN',
      message: `The encoded dataset in ${folder} cannot be used: ${reason}.`,
      data: { folder },
      remedy: 'Delete this folder; it is made again when needed.',
    },
    cause,
  );
}
