/** @file A session on the GPU: named state in device memory, programs compiled against it, captured graphs and what they take. */
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { byteSize } from '../../../ir/dtype.ts';
import { formatType, type Graph } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import type { BackendSession, HostTensor, MemoryReport, Program, StateSpec } from '../../backend.ts';
import type { CudaContext } from '../driver/context.ts';
import type { DeviceBuffer } from '../driver/memory.ts';
import type { CudaStream } from '../driver/stream.ts';
import type { KernelSource } from '../gemm-launch.ts';
import { printPlan } from '../memory/plan.ts';
import { scheduleGraph } from '../schedule/schedule.ts';
import { CudaProgram } from './cuda-program.ts';
import { allocate } from './device-memory.ts';
import { hostBytes, hostTensor } from './host-bytes.ts';
import { KernelCache } from './kernel-cache.ts';
import type { ProgramHost } from './program-host.ts';
import { StateLoader } from './state-loading.ts';

export interface CudaSessionOptions {
  /** Fill the arena with NaN before each run and never capture graphs: for tests. */
  readonly poison?: boolean;
  readonly eager?: boolean;
  /** Which matrix kernels may be chosen, where there is a choice: for tests and benchmarks. */
  readonly products?: 'mma' | 'wgmma';
}

interface State {
  readonly spec: StateSpec;
  readonly buffer: DeviceBuffer;
}

export class CudaSession implements BackendSession, ProgramHost {
  readonly context: CudaContext;
  readonly stream: CudaStream;
  readonly kernels: KernelCache;
  readonly library: KernelSource;
  readonly eager: boolean;
  readonly #poison: boolean;
  readonly #products: CudaSessionOptions['products'];
  readonly #states = new Map<string, State>();
  readonly #programs = new Set<CudaProgram>();
  #arena: DeviceBuffer | null = null;
  #generation = 0;
  #peak = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;
  readonly #closed: () => void;

  constructor(context: CudaContext, library: KernelSource, options: CudaSessionOptions, closed: () => void) {
    this.context = context;
    this.library = library;
    this.stream = context.stream();
    this.kernels = new KernelCache(context);
    this.eager = options.eager ?? false;
    this.#poison = options.poison ?? false;
    this.#products = options.products;
    this.#closed = closed;
  }

  get generation(): number {
    return this.#generation;
  }

  arena(): bigint {
    return this.#arena?.pointer ?? 0n;
  }

  state(name: string): bigint {
    return this.#known(name).buffer.pointer;
  }

  poison(): void {
    if (this.#poison && this.#arena && this.#arena.byteLength > 0) this.stream.fill8(this.#arena.pointer, 0xff, this.#arena.byteLength);
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#queue.then(() => {
      if (this.#disposed) throw new AppError({ code: 'CUDA-DISPOSED', message: 'The CUDA session was closed.' });
      return work();
    });
    this.#queue = next.catch(() => undefined);
    return next;
  }

  async addStates(specs: readonly StateSpec[], onProgress?: (done: number, total: number) => void): Promise<void> {
    const twice = specs.find((spec, i) => this.#states.has(spec.name) || specs.some((other, j) => j < i && other.name === spec.name));
    if (twice) throw new AppError({ code: 'CUDA-STATE', message: `State "${twice.name}" exists already.` });
    await this.exclusive(async () => {
      const total = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
      const loader = new StateLoader(this.context, this.stream, this.kernels);
      let done = 0;
      try {
        for (const spec of specs) {
          const buffer = allocate(this.context, bytesOf(spec), `State "${spec.name}"`);
          this.#states.set(spec.name, { spec, buffer });
          await loader.load(spec, buffer);
          done += bytesOf(spec);
          onProgress?.(done, total);
        }
      } catch (error) {
        for (const spec of specs) this.#forget(spec.name);
        throw error;
      } finally {
        await loader.dispose();
      }
      this.#notePeak();
    });
  }

  async removeStates(names: readonly string[]): Promise<void> {
    await this.exclusive(async () => {
      await this.stream.whenIdle();
      for (const name of names) {
        this.#known(name);
        this.#forget(name);
      }
      // Whoever still uses a removed state is told so at its next run instead of reading freed memory.
      this.#generation++;
    });
  }

  async compile(graph: Graph): Promise<Program> {
    for (const { name, value } of graph.states) {
      const { type } = graph.values[value]!;
      const { spec } = this.#known(name);
      if (formatType(spec.type) !== formatType(type)) {
        throw new AppError({
          code: 'CUDA-STATE',
          message: `Program "${graph.name}" takes state "${name}" as ${formatType(type)}; it is ${formatType(spec.type)}.`,
        });
      }
    }
    const constant = graph.updates.find(({ name }) => this.#known(name).spec.role === 'constant');
    if (constant) throw new AppError({ code: 'CUDA-STATE', message: `Program "${graph.name}" updates the constant state "${constant.name}".` });
    const schedule = scheduleGraph(graph, { ...this.context.facts, wgmma: this.#wgmma() });
    return this.exclusive(async () => {
      this.kernels.load(schedule.kernels, graph.name);
      await this.#growArena(schedule.memory.arenaBytes, `Program "${graph.name}"`, () => printPlan(schedule.memory));
      const program = new CudaProgram(graph.name, schedule, this);
      this.#programs.add(program);
      return program;
    });
  }

  async readState(name: string): Promise<HostTensor> {
    const { spec, buffer } = this.#known(name);
    return this.exclusive(async () => {
      await this.stream.whenIdle();
      return hostTensor(spec.type, buffer.download(new Uint8Array(buffer.byteLength)));
    });
  }

  async writeState(name: string, tensor: HostTensor): Promise<void> {
    const { spec, buffer } = this.#known(name);
    const bytes = hostBytes(`State "${name}"`, tensor, spec.type);
    await this.exclusive(async () => {
      await this.stream.whenIdle();
      buffer.upload(bytes);
    });
  }

  memory(): MemoryReport {
    const sum = (role: StateSpec['role']) =>
      [...this.#states.values()].reduce((total, { spec, buffer }) => total + (spec.role === role ? buffer.byteLength : 0), 0);
    return { weights: sum('constant'), state: sum('variable'), workspace: this.#arena?.byteLength ?? 0, peak: this.#peak };
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    await this.#queue;
    this.#disposed = true;
    await this.stream.whenIdle();
    for (const program of this.#programs) await program.dispose();
    for (const name of this.#states.keys()) this.#forget(name);
    this.#arena?.dispose();
    this.kernels.dispose();
    this.stream.dispose();
    this.#closed();
  }

  released(program: Program): void {
    this.#programs.delete(program as CudaProgram);
  }

  #wgmma(): boolean | 'always' {
    if (this.#products === 'mma' || !this.library.has?.('gemm-wgmma.cu')) return false;
    return this.#products === 'wgmma' ? 'always' : true;
  }

  #known(name: string): State {
    const state = this.#states.get(name);
    if (!state) throw new AppError({ code: 'CUDA-STATE', message: `There is no state "${name}" in this session.` });
    return state;
  }

  #forget(name: string): void {
    this.#states.get(name)?.buffer.dispose();
    this.#states.delete(name);
  }

  /** All programs share one arena, as large as the largest needs: the stream runs one at a time. */
  async #growArena(bytes: number, what: string, plan: () => string): Promise<void> {
    if (bytes <= (this.#arena?.byteLength ?? 0)) return;
    await this.stream.whenIdle();
    this.#arena?.dispose();
    this.#arena = null;
    this.#generation++;
    try {
      this.#arena = allocate(this.context, bytes, what);
    } catch (error) {
      if (error instanceof AppError && error.code === 'CUDA-MEMORY') {
        throw new AppError({ ...error.toFields(), data: { ...error.data, plan: plan() } }, error);
      }
      throw error;
    }
    this.#notePeak();
  }

  #notePeak(): void {
    const { weights, state, workspace } = this.memory();
    this.#peak = Math.max(this.#peak, weights + state + workspace);
  }
}

function bytesOf({ type }: StateSpec): number {
  return elementCount(type.shape) * byteSize(type.dtype);
}
