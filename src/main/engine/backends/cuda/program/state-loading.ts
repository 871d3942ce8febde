/** @file First values of states: from files in chunks through pinned memory, converted to the state's dtype on the device. */
import { open } from 'node:fs/promises';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { byteSize, type DType } from '../../../ir/dtype.ts';
import { elementCount } from '../../../ir/shape.ts';
import { GraphBuilder } from '../../../ops/builder.ts';
import type { StateSpec } from '../../backend.ts';
import { pointwiseKernel } from '../codegen/pointwise-kernel.ts';
import type { CudaContext } from '../driver/context.ts';
import type { DeviceBuffer, PinnedBuffer } from '../driver/memory.ts';
import { KernelParams } from '../driver/params.ts';
import type { CudaStream } from '../driver/stream.ts';
import { hostBytes, roundedFor } from './host-bytes.ts';
import type { KernelCache } from './kernel-cache.ts';

/** Elements a chunk; with f32, 16 MiB. */
const CHUNK = 4 * 2 ** 20;
const CHUNK_BYTES = CHUNK * 4;

/** Fills states one after another; dispose when all are loaded. */
export class StateLoader {
  readonly #context: CudaContext;
  readonly #stream: CudaStream;
  readonly #kernels: KernelCache;
  /** Two halves: the host fills one while the device reads the other. */
  readonly #pinned: readonly [PinnedBuffer, PinnedBuffer];
  #device: readonly [DeviceBuffer, DeviceBuffer] | null = null;
  #turn = 0;

  constructor(context: CudaContext, stream: CudaStream, kernels: KernelCache) {
    this.#context = context;
    this.#stream = stream;
    this.#kernels = kernels;
    this.#pinned = [context.pinned(CHUNK_BYTES), context.pinned(CHUNK_BYTES)];
  }

  async load({ name, type, source }: StateSpec, target: DeviceBuffer): Promise<void> {
    switch (source.kind) {
      case 'zeros':
        if (target.byteLength > 0) this.#stream.fill8(target.pointer, 0, target.byteLength);
        return;
      case 'values':
        await this.#copy(hostBytes(`State "${name}"`, roundedFor(type, source.tensor), type), target);
        return;
      case 'file':
        await this.#file({ name, type, source }, target);
        return;
      default:
        source satisfies never;
    }
  }

  async dispose(): Promise<void> {
    await this.#stream.whenIdle();
    for (const buffer of [...this.#pinned, ...(this.#device ?? [])]) buffer.dispose();
  }

  async #copy(bytes: Uint8Array, target: DeviceBuffer): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
      const part = bytes.subarray(at, at + CHUNK_BYTES);
      const place = (await this.#half()).bytes.subarray(0, part.byteLength);
      place.set(part);
      this.#stream.upload(target.pointer + BigInt(at), place);
    }
  }

  /** The pinned half whose last upload is done. Waiting for all of the stream is as good: chunks are large. */
  async #half(): Promise<PinnedBuffer> {
    await this.#stream.whenIdle();
    return this.#pinned[this.#turn++ % 2]!;
  }

  async #file(
    { name, type, source }: { name: string; type: StateSpec['type']; source: Extract<StateSpec['source'], { kind: 'file' }> },
    target: DeviceBuffer,
  ): Promise<void> {
    const count = elementCount(type.shape);
    const size = byteSize(source.fileDType);
    if (source.length !== count * size) {
      throw new AppError({
        code: 'CUDA-STATE-FILE',
        message: `State "${name}": ${source.file} holds ${source.length} bytes of ${source.fileDType} at ${source.offset}, ${count * size} are needed.`,
      });
    }
    const file = await open(source.file, 'r');
    try {
      for (let at = 0; at < count; at += CHUNK) {
        const elements = Math.min(CHUNK, count - at);
        const place = (await this.#half()).bytes.subarray(0, elements * size);
        await readFully(file, place, source.offset + at * size, `State "${name}": ${source.file}`);
        this.#write(place, source.fileDType, type.dtype, elements, target.pointer + BigInt(at * byteSize(type.dtype)));
      }
    } finally {
      await file.close();
    }
  }

  #write(bytes: Uint8Array, from: DType, to: DType, elements: number, address: bigint): void {
    if (from === to) return this.#stream.upload(address, bytes);
    this.#device ??= [this.#context.allocate(CHUNK_BYTES), this.#context.allocate(CHUNK_BYTES)];
    const raw = this.#device[this.#turn % 2]!;
    this.#stream.upload(raw.pointer, bytes);
    const kernel = castKernel(from, to, elements);
    this.#kernels.load(new Map([[kernel.name, kernel.text]]), 'conversion');
    const params = KernelParams.of(['ptr', raw.pointer], ['ptr', address]);
    this.#stream.launch(this.#kernels.function(kernel.name), { grid: kernel.grid, block: [kernel.threads, 1, 1], sharedBytes: 0 }, params);
  }
}

/** Pointers: the elements of dtype `from`, then where they go. */
function castKernel(from: DType, to: DType, elements: number) {
  const b = new GraphBuilder('conversion');
  const input = b.input('x', { dtype: from, shape: [elements] });
  const output = b.cast(input, to);
  b.output('y', output);
  const graph = b.finish();
  const kernel = pointwiseKernel({ graph, memory: (id) => (id === input.id ? { alignment: 16 } : null), outputAlignment: () => 16 }, [output.id]);
  if (kernel.pointers[0] !== input.id) throw new Error('internal: the cast kernel takes its input first');
  return kernel;
}

async function readFully(file: Awaited<ReturnType<typeof open>>, target: Uint8Array, position: number, what: string): Promise<void> {
  for (let done = 0; done < target.byteLength;) {
    const { bytesRead } = await file.read(target, done, target.byteLength - done, position + done);
    if (bytesRead === 0) throw new AppError({ code: 'CUDA-STATE-FILE', message: `${what} ends before byte ${position + target.byteLength}.` });
    done += bytesRead;
  }
}
