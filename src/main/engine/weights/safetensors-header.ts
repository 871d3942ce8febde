import { AppError } from '../../../shared/lib/app-error.ts';
import { findDuplicateKey } from '../../../shared/lib/duplicate-key.ts';
import { DTYPE_BYTES, isSafetensorsDtype, type SafetensorsDtype } from './dtype.ts';

/** One tensor of a safetensors file: where its bytes are. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** The real path of the file (symlinks resolved). */
  readonly file: string;
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

export interface SafetensorsHeader {
  readonly file: string;
  /** Bytes of the whole file. */
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** The format's own limit on the JSON header. */
export const MAX_HEADER_BYTES = 100_000_000;
const MAX_RANK = 8;

/**
 * Checks a JSON header against the size of its file: every lie is an error that names file and tensor. As in the
 * format's own reader, tensors must cover the data without overlaps, holes or a rest.
 * @param bytes the JSON part, without the 8 length bytes
 * @throws AppError WEIGHTS-HEADER
 */
export function parseSafetensorsHeader(bytes: Uint8Array, file: string, fileSize: number): SafetensorsHeader {
  const raw = headerObject(bytes, file);
  const dataStart = 8 + bytes.length;
  const dataSize = fileSize - dataStart;
  const infos: TensorInfo[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(raw)) {
    if (name === '__metadata__') metadata = metadataOf(entry, file);
    else infos.push(tensorOf(name, entry, { file, dataStart, dataSize }));
  }
  infos.sort((x, y) => x.offset - y.offset || x.length - y.length);
  checkCoverage(infos, file, dataStart, fileSize);
  return { file, size: fileSize, metadata, tensors: new Map(infos.map((info) => [info.name, info])) };
}

export function headerError(file: string, what: string, tensor?: string): AppError {
  const where = tensor === undefined ? file : `${file}, tensor ${JSON.stringify(tensor.slice(0, 200))}`;
  return new AppError({
    code: 'WEIGHTS-HEADER',
    message: `${where}: ${what}.`,
    data: tensor === undefined ? { file } : { file, tensor },
    remedy: 'The file is damaged or not a safetensors file. Download or save it again.',
  });
}

function headerObject(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  let text: string;
  let raw: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    raw = JSON.parse(text);
  } catch (error) {
    throw headerError(file, `the header is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isObject(raw) || bytes[0] !== 0x7b) throw headerError(file, 'the header is not a JSON object');
  const twice = findDuplicateKey(text);
  if (twice !== null) throw headerError(file, 'the header names it twice', twice);
  return raw;
}

function metadataOf(entry: unknown, file: string): Record<string, string> {
  if (!isObject(entry)) throw headerError(file, '__metadata__ is not an object');
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw headerError(file, `__metadata__.${key.slice(0, 100)} is not a string`);
    metadata[key] = value;
  }
  return metadata;
}

interface Bounds {
  readonly file: string;
  readonly dataStart: number;
  readonly dataSize: number;
}

function tensorOf(name: string, entry: unknown, { file, dataStart, dataSize }: Bounds): TensorInfo {
  const fail = (what: string): AppError => headerError(file, what, name);
  if (name === '' || name === '__proto__') throw fail('this is not a usable tensor name');
  if (!isObject(entry)) throw fail('the entry is not an object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isSafetensorsDtype(dtype)) throw fail(`unknown dtype ${JSON.stringify(dtype)?.slice(0, 100)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw fail('the shape is not a list of whole numbers >= 0');
  if (shape.length > MAX_RANK) throw fail(`rank ${shape.length} is more than ${MAX_RANK}`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw fail('data_offsets is not a pair of whole numbers >= 0');
  }
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw fail(`data_offsets run backwards: ${begin} to ${end}`);
  if (end > dataSize) throw fail(`its bytes end at ${end}, but the file holds only ${dataSize} bytes of data`);
  const expected = byteLength(shape, DTYPE_BYTES[dtype]);
  if (expected === null) throw fail(`the shape [${shape.join(', ')}] is too large`);
  if (expected !== end - begin) {
    throw fail(`shape [${shape.join(', ')}] of ${dtype} takes ${expected} bytes, but data_offsets give ${end - begin}`);
  }
  return { name, dtype, shape: [...shape], file, offset: dataStart + begin, length: end - begin };
}

/** Bytes of a tensor, or null where the product leaves the range of exact integers. */
function byteLength(shape: readonly number[], width: number): number | null {
  if (shape.includes(0)) return 0;
  let bytes = width;
  for (const dimension of shape) {
    bytes *= dimension;
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}

function checkCoverage(infos: readonly TensorInfo[], file: string, dataStart: number, fileSize: number): void {
  let at = dataStart;
  for (const info of infos) {
    if (info.offset < at) throw headerError(file, 'its bytes overlap those of another tensor', info.name);
    if (info.offset > at) throw headerError(file, `${info.offset - at} bytes before it belong to no tensor`, info.name);
    at += info.length;
  }
  if (at !== fileSize) throw headerError(file, `${fileSize - at} bytes at the end belong to no tensor`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
