import type { CudaContext } from '../driver/context.ts';
import type { CudaStream } from '../driver/stream.ts';
import type { KernelSource } from '../gemm-launch.ts';
import type { Program } from '../../backend.ts';
import type { KernelCache } from './kernel-cache.ts';

/** What a program needs of its session. */
export interface ProgramHost {
  readonly context: CudaContext;
  readonly stream: CudaStream;
  readonly kernels: KernelCache;
  readonly library: KernelSource;
  /** Runs are never captured: for tests. */
  readonly eager: boolean;
  /** Counts arenas: addresses change with it. */
  readonly generation: number;
  arena(): bigint;
  state(name: string): bigint;
  /** Fills the arena with NaN where the session is set to do so. */
  poison(): void;
  /** One piece of work at a time, in the order in which it is asked for; runs that it began may still be on the stream. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  released(program: Program): void;
}
