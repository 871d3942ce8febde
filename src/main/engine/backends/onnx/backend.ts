import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { env, type InferenceSession } from 'onnxruntime-node';
import type { Backend } from '../backend.ts';
import { ProgramCache } from './program-cache.ts';
import { OnnxSession } from './session.ts';

export interface OnnxBackendOptions {
  /** Threads inside an op; the number of physical cores when absent. */
  readonly threads?: number;
  /** Writes an ONNX Runtime trace beside this path prefix; for the benchmark. */
  readonly profilePrefix?: string;
  /** Where compiled programs are kept between processes; absent keeps none. */
  readonly cacheFolder?: string;
}

/** The CPU backend over ONNX Runtime. Runs block the calling thread, so it belongs in the engine's own process. */
export function createOnnxBackend({ threads = physicalCores(), profilePrefix, cacheFolder }: OnnxBackendOptions = {}): Backend {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // A pattern is learnt in the first run and then allocated beside that run's memory: twice the workspace, for no measured gain.
    enableMemPattern: false,
    // Each program would keep an arena of its own, as large as its largest run: four shapes of one run took 5.4 GiB where they take 2.7 by malloc,
    // in the same processor time (SmolLM2-135M, 4 rows of 64 to 256 tokens).
    enableCpuMemArena: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Waiting threads sleep: a step costs a tenth less processor time, and other processes on the machine are not starved.
    extra: { session: { set_denormal_as_zero: '1', 'intra_op.allow_spinning': '0' } },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  };
  const device = `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'} (ONNX Runtime ${env.versions.node ?? env.versions.common})`;
  return {
    info: { kind: 'onnx', device, computeDTypes: ['f32'] },
    open: () => Promise.resolve(new OnnxSession(options, cacheFolder === undefined ? null : new ProgramCache(cacheFolder))),
  };
}

/** Two hardware threads of a core share its vector units, so a matmul gains nothing from the second. */
function physicalCores(): number {
  const logical = availableParallelism();
  const root = '/sys/devices/system/cpu';
  if (process.platform !== 'linux') return logical;
  try {
    const cores = readdirSync(root).filter((name) => /^cpu\d+$/.test(name));
    const siblings = new Set(cores.map((name) => readFileSync(`${root}/${name}/topology/thread_siblings_list`, 'utf8')));
    return Math.max(1, Math.min(logical, siblings.size));
  } catch {
    // Containers may hide the topology; then every processor counts as a core.
    return logical;
  }
}
