/** @file Safetensors files: opened with every header checked, read tensor by tensor, written whole or not at all. */
import { type FileHandle, open, realpath, stat as statOf } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isLfsPointer, LFS_REMEDY, LFS_WORDS, MAX_POINTER_BYTES } from '../../../shared/lib/lfs-pointer.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';
import type { FileSystem } from '../../files/file-system.ts';
import type { FileSeal } from '../../files/seal.ts';
import { type ByteSink, writeFileAtomically, writeFileSynced } from '../../files/write-file.ts';
import { bytesOf, bytesToF32, DTYPE_BYTES, isFloatDtype, type SafetensorsDtype } from './dtype.ts';
import { headerError, MAX_HEADER_BYTES, parseSafetensorsHeader, type SafetensorsHeader, type TensorInfo } from './safetensors-header.ts';

export type { SafetensorsHeader, TensorInfo } from './safetensors-header.ts';

/** One read call moves at most this much: Node refuses more than 2 GiB. */
const READ_CHUNK = 256 * 1024 * 1024;

/**
 * Reads and checks the header of a safetensors file; the tensors stay on disk. Symlinks are resolved.
 * @throws AppError WEIGHTS-MISSING, WEIGHTS-HEADER
 */
export async function openSafetensors(path: string): Promise<SafetensorsHeader> {
  const file = await realPathOf(path);
  // Before opening: to open a named pipe would wait for ever.
  if (!(await statOf(file)).isFile()) throw headerError(file, 'this is not a regular file');
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw missingError(path, error);
  });
  try {
    const stat = await handle.stat();
    if (stat.size < 8) throw headerError(file, `the file has only ${stat.size} bytes`);
    const prefix = await readExactly(handle, file, 0, new Uint8Array(8));
    const length = new DataView(prefix.buffer).getBigUint64(0, true);
    if (stat.size <= MAX_POINTER_BYTES) await refusePointer(handle, file, stat.size);
    if (length > BigInt(MAX_HEADER_BYTES)) throw headerError(file, `the header claims ${length} bytes, more than 100 MB`);
    if (Number(length) > stat.size - 8) {
      throw headerError(file, `the header claims ${length} bytes, but the file has ${stat.size}`);
    }
    const json = await readExactly(handle, file, 8, new Uint8Array(Number(length)));
    return parseSafetensorsHeader(json, file, stat.size);
  } finally {
    await handle.close();
  }
}

/** A pointer's first bytes read as a header of some exabytes: what it is must be said before that. */
async function refusePointer(handle: FileHandle, file: string, size: number): Promise<void> {
  const bytes = await readExactly(handle, file, 0, new Uint8Array(size));
  if (!isLfsPointer(new TextDecoder().decode(bytes))) return;
  throw new AppError({ code: 'LFS-POINTER', message: `${file}: ${LFS_WORDS}.`, data: { file }, remedy: LFS_REMEDY });
}

/** A part of a tensor, in bytes from its start. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/**
 * Reads a tensor's bytes, or a range of them, and nothing else of the file.
 * @throws AppError WEIGHTS-MISSING, WEIGHTS-READ when the file shrank after it was opened
 */
export async function readTensorBytes(info: TensorInfo, range?: ByteRange): Promise<Uint8Array> {
  const { start, length } = range ?? { start: 0, length: info.length };
  if (start < 0 || length < 0 || start + length > info.length) {
    throw new RangeError(`internal: bytes ${start}+${length} are outside tensor ${info.name} (${info.length} bytes)`);
  }
  const handle = await open(info.file, 'r').catch((error: unknown) => {
    throw missingError(info.file, error);
  });
  try {
    return await readExactly(handle, info.file, info.offset + start, new Uint8Array(length));
  } finally {
    await handle.close();
  }
}

/**
 * Reads a float tensor as float32, converting F16, BF16 and F64.
 * @throws AppError WEIGHTS-DTYPE for other dtypes
 */
export async function readTensorF32(info: TensorInfo): Promise<Float32Array> {
  if (!isFloatDtype(info.dtype)) {
    throw new AppError({
      code: 'WEIGHTS-DTYPE',
      message: `${info.file}, tensor ${info.name}: dtype ${info.dtype} cannot be used; F32, F16, BF16 and F64 can.`,
      data: { file: info.file, tensor: info.name, dtype: info.dtype },
      remedy: 'Use the unquantised model.',
    });
  }
  return bytesToF32(await readTensorBytes(info), info.dtype);
}

/** A tensor to be saved; `chunks` gives its bytes in order, in pieces of any size, and is called once. */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly chunks: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** A float32 tensor in memory, written without a copy. */
export function f32Tensor(name: string, shape: readonly number[], values: Float32Array): TensorToWrite {
  return { name, dtype: 'F32', shape, chunks: () => [bytesOf(values)] };
}

export interface WriteOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fs?: FileSystem;
  /** False for a file inside a folder that is renamed as a whole. Default true. */
  readonly atomic?: boolean;
}

/**
 * Writes a safetensors file, byte for byte as the format's reference writer does: tensors by dtype (widest first) and
 * name, header padded with spaces to 8 bytes. Streams: nothing but the current chunk is held.
 * @throws AppError DISK-FULL, FILE-DENIED, FILE-WRITE; the previous file at `path` then stands unchanged
 */
export async function writeSafetensors(path: string, tensors: Iterable<TensorToWrite>, options: WriteOptions = {}): Promise<FileSeal> {
  const { metadata = { format: 'pt' }, fs, atomic = true } = options;
  const ordered = [...tensors].sort(byDtypeThenName);
  const header = encodeHeader(ordered, metadata);
  const produce = async (write: ByteSink): Promise<void> => {
    await write(header);
    for (const tensor of ordered) await writeTensor(tensor, write);
  };
  return (atomic ? writeFileAtomically : writeFileSynced)(path, produce, fs);
}

function encodeHeader(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  const seen = new Set<string>(['', '__proto__', '__metadata__']);
  let offset = 0;
  for (const tensor of tensors) {
    if (seen.has(tensor.name)) throw new Error(`internal: cannot save two tensors named ${JSON.stringify(tensor.name)}`);
    seen.add(tensor.name);
    const end = offset + bytesIn(tensor);
    entries.push([tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // Joined by hand: an object would move names that look like numbers to the front.
  const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const bytes = new TextEncoder().encode(json);
  const padded = Math.ceil(bytes.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(bytes, 8);
  return header;
}

async function writeTensor(tensor: TensorToWrite, write: ByteSink): Promise<void> {
  let written = 0;
  for await (const chunk of tensor.chunks()) {
    await write(chunk);
    written += chunk.length;
  }
  if (written !== bytesIn(tensor)) {
    throw new Error(`internal: tensor ${tensor.name} gave ${written} bytes, its shape takes ${bytesIn(tensor)}`);
  }
}

function bytesIn(tensor: TensorToWrite): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, DTYPE_BYTES[tensor.dtype]);
}

/** The reference writer's order of dtypes, which is that of the format's enumeration. */
const WRITE_ORDER: readonly SafetensorsDtype[] = [
  'U64',
  'I64',
  'F64',
  'C64',
  'F32',
  'U32',
  'I32',
  'BF16',
  'F16',
  'U16',
  'I16',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
  'F8_E8M0',
  'F8_E4M3',
  'F8_E5M2',
  'I8',
  'U8',
  'BOOL',
];

function byDtypeThenName(x: TensorToWrite, y: TensorToWrite): number {
  const byDtype = WRITE_ORDER.indexOf(x.dtype) - WRITE_ORDER.indexOf(y.dtype);
  return byDtype || Buffer.compare(Buffer.from(x.name), Buffer.from(y.name));
}

async function readExactly(handle: FileHandle, file: string, position: number, into: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  let done = 0;
  while (done < into.length) {
    const length = Math.min(READ_CHUNK, into.length - done);
    const { bytesRead } = await handle.read(into, done, length, position + done);
    if (bytesRead === 0) {
      throw new AppError({
        code: 'WEIGHTS-READ',
        message: `${file}: the file ends at byte ${position + done}, ${into.length - done} bytes too early.`,
        data: { file },
        remedy: 'The file was changed while in use. Leave it alone and start again.',
      });
    }
    done += bytesRead;
  }
  return into;
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw missingError(path, error);
  }
}

function missingError(path: string, error: unknown): AppError {
  const errno = errnoOf(error);
  const why = errno === 'ENOENT' ? 'there is no such file' : `it cannot be opened (${errno ?? String(error)})`;
  return new AppError(
    {
      code: 'WEIGHTS-MISSING',
      message: `${path}: ${why}.`,
      data: { file: path },
      remedy: 'Check the folder, or download the model again.',
    },
    error,
  );
}
