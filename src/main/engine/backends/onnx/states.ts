/** @file The tensors that live between runs, as carrier arrays in main memory, shared by every program of the session. */
import { open, type FileHandle } from 'node:fs/promises';
import { byteSize, isFloat } from '../../ir/dtype.ts';
import { isHalf } from '../../ir/float-bits.ts';
import { formatType, type TensorType } from '../../ir/graph.ts';
import { elementCount, sameShape } from '../../ir/shape.ts';
import { AppError } from '../../../../shared/lib/app-error.ts';
import type { HostTensor, StateSpec } from '../backend.ts';
import { checkTensor, emptyCarrier, fromCarrier, roundCarrier, toCarrier, widen, type CarrierArray } from './host-tensors.ts';

type FileSource = Extract<StateSpec['source'], { kind: 'file' }>;

interface Entry {
  readonly type: TensorType;
  readonly role: StateSpec['role'];
  data: CarrierArray;
  /** Where the next update is written; exchanged with `data` after the run. */
  spare: CarrierArray | null;
}

/** Bytes read at once where a file's elements must be widened. */
const CHUNK_BYTES = 16 * 1024 * 1024;
/** Largest single read; Node refuses more than 2 GiB. */
const READ_BYTES = 1024 * 1024 * 1024;

export class StateStore {
  readonly #entries = new Map<string, Entry>();

  async add(specs: readonly StateSpec[], onProgress: (done: number, total: number) => void = () => {}): Promise<void> {
    const total = specs.reduce((sum, spec) => sum + elementCount(spec.type.shape) * byteSize(spec.type.dtype), 0);
    const files = new Map<string, FileHandle>();
    let done = 0;
    try {
      for (const spec of specs) {
        if (this.#entries.has(spec.name)) throw stateError(`state "${spec.name}" exists already`);
        this.#entries.set(spec.name, { type: spec.type, role: spec.role, data: await load(spec, files), spare: null });
        done += elementCount(spec.type.shape) * byteSize(spec.type.dtype);
        onProgress(done, total);
      }
    } finally {
      await Promise.all([...files.values()].map((file) => file.close()));
    }
  }

  /** Throws BACKEND-STATE unless the state exists with this type and, for `update`, may change. */
  require(name: string, type: TensorType, use: 'read' | 'update'): void {
    const entry = this.#entry(name);
    if (entry.type.dtype !== type.dtype || !sameShape(entry.type.shape, type.shape)) {
      throw stateError(`state "${name}" is ${formatType(entry.type)}, the graph expects ${formatType(type)}`);
    }
    if (use === 'update' && entry.role === 'constant') throw stateError(`state "${name}" is constant and cannot be updated`);
  }

  data(name: string): CarrierArray {
    return this.#entry(name).data;
  }

  /** Memory for the state's next value, never the memory it is read from. */
  spare(name: string): CarrierArray {
    const entry = this.#entry(name);
    entry.spare ??= emptyCarrier(entry.type);
    return entry.spare;
  }

  /** The spare becomes the value. */
  swap(name: string): void {
    const entry = this.#entry(name);
    [entry.data, entry.spare] = [this.spare(name), entry.data];
  }

  read(name: string): HostTensor {
    const entry = this.#entry(name);
    return fromCarrier(entry.data, entry.type);
  }

  write(name: string, tensor: HostTensor): void {
    const entry = this.#entry(name);
    checkTensor(`state "${name}"`, tensor, entry.type);
    entry.data.set(toCarrier(tensor));
  }

  /** Bytes held, carriers and spares as they are. */
  bytes(role: StateSpec['role']): number {
    let sum = 0;
    for (const entry of this.#entries.values()) if (entry.role === role) sum += entry.data.byteLength + (entry.spare?.byteLength ?? 0);
    return sum;
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#entry(name);
    for (const name of names) this.#entries.delete(name);
  }

  clear(): void {
    this.#entries.clear();
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw stateError(`state "${name}" does not exist`);
    return entry;
  }
}

function stateError(message: string): AppError {
  return new AppError({ code: 'BACKEND-STATE', message });
}

async function load({ name, type, source }: StateSpec, files: Map<string, FileHandle>): Promise<CarrierArray> {
  switch (source.kind) {
    case 'zeros':
      return emptyCarrier(type);
    case 'values': {
      const { tensor } = source;
      const rounded = tensor.dtype === 'f32' && isHalf(type.dtype) ? type.dtype : null;
      checkTensor(`state "${name}"`, tensor, rounded ? { ...type, dtype: 'f32' } : type);
      const data = emptyCarrier(type);
      data.set(toCarrier(tensor));
      if (rounded) roundCarrier(data as Float32Array, rounded);
      return data;
    }
    case 'file': {
      checkFileSource(name, type, source);
      const known = files.get(source.file);
      const file = known ?? (await open(source.file));
      files.set(source.file, file);
      return loadFile(name, type, source, file);
    }
  }
}

function checkFileSource(name: string, type: TensorType, { file, length, fileDType }: FileSource): void {
  const wanted = elementCount(type.shape) * byteSize(fileDType);
  if (length !== wanted) throw stateError(`state "${name}" ${formatType(type)}: ${wanted} bytes of ${fileDType} expected in ${file}, got ${length}`);
  if (!isFloat(type.dtype)) throw stateError(`state "${name}": ${fileDType} of ${file} cannot be loaded as ${type.dtype}`);
}

async function loadFile(name: string, type: TensorType, source: FileSource, file: FileHandle): Promise<Float32Array> {
  const data = new Float32Array(elementCount(type.shape));
  const where = `tensor "${name}" in ${source.file}`;
  if (source.fileDType === 'f32') {
    await readFully(file, new Uint8Array(data.buffer), source.offset, where);
  } else {
    const { fileDType } = source;
    const chunk = new Uint16Array(Math.min(CHUNK_BYTES, source.length) / 2);
    for (let done = 0; done < data.length; done += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, data.length - done));
      await readFully(file, new Uint8Array(part.buffer, 0, part.byteLength), source.offset + done * 2, where);
      widen(part, fileDType, data, done);
    }
  }
  if (isHalf(type.dtype) && type.dtype !== source.fileDType) roundCarrier(data, type.dtype);
  return data;
}

async function readFully(file: FileHandle, bytes: Uint8Array, offset: number, where: string): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, Math.min(READ_BYTES, bytes.length - done), offset + done);
    if (bytesRead === 0) {
      const message = `${where} ends after ${done} of ${bytes.length} bytes`;
      throw new AppError({ code: 'BACKEND-STATE', message, remedy: 'Download the model again: the file is shorter than its header says.' });
    }
    done += bytesRead;
  }
}
