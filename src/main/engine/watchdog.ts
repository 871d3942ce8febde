/** @file The engine's side of the thread that watches it: what it is doing, and a beat for as long as its loop turns. */
import { totalmem } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventCoalescer } from './event-coalescer.ts';
import { type Doing, memoryLimits, type MemoryLimits } from './memory-limits.ts';
import type { EngineEvent, Job, ResidentJob } from './protocol.ts';

export interface Work {
  readonly doing: Doing;
  /** Whose limit counts: that of tokenizers and templates, or that of weights and tensors. */
  readonly needs: keyof MemoryLimits;
  /** There is a checkpoint to be saved when the host goes. */
  readonly saves: boolean;
  /** Folder of the model whose files are at work. */
  readonly model: string | null;
}

export interface WatchdogSettings {
  readonly hostPid: number;
  /** One number that grows while the loop turns. */
  readonly beats: Int32Array<SharedArrayBuffer>;
  readonly limits: MemoryLimits;
}

/** Last words of a process that was ended by its watchdog. */
export interface WatchdogReport {
  readonly reason: 'memory';
  /** Bytes. */
  readonly limit: number;
  readonly doing: Doing;
  readonly model: string | null;
}

const BEAT = 200;
const TEXT_JOBS: ReadonlySet<(Job | ResidentJob)['kind']> = new Set(['preview', 'count', 'facts']);
/** What a job does first where that is not to open a model. */
const FIRST: Readonly<Partial<Record<(Job | ResidentJob)['kind'], Doing>>> = {
  preview: 'encoding',
  count: 'encoding',
  export: 'exporting',
  devices: 'probing',
};

export class Watchdog {
  readonly #thread: Worker;
  /** Weights that were loaded stay, so their limit counts from then on. */
  #weights = false;
  #told = '';

  /** @param hostPid the process that ends this one by its own end */
  constructor(hostPid: number) {
    const beats = new Int32Array(new SharedArrayBuffer(4));
    const limits = memoryLimits(totalmem(), process.constrainedMemory(), process.env['TUNESMITH_ENGINE_MEMORY']);
    this.#thread = new Worker(new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: { hostPid, beats, limits } satisfies WatchdogSettings,
    });
    // An engine without a watchdog is not run: its error is thrown, since nobody listens for it. Neither keeps the process alive.
    this.#thread.unref();
    setInterval(() => Atomics.add(beats, 0, 1), BEAT).unref();
  }

  /** The job begins, and the watchdog sees its events on their way. */
  watched(job: Job | ResidentJob, events: EventCoalescer): EventCoalescer {
    this.#tell(job, FIRST[job.kind] ?? 'opening');
    const emit = (event: EngineEvent) => {
      const next = nextAfter(event);
      if (next !== null) this.#tell(job, next);
      events.emit(event);
    };
    return { emit, flush: events.flush };
  }

  #tell(job: Job | ResidentJob, doing: Doing): void {
    const reads = TEXT_JOBS.has(job.kind) || doing === 'opening' || doing === 'reading' || doing === 'encoding';
    this.#weights ||= !reads;
    const work: Work = {
      doing,
      needs: this.#weights ? 'weights' : 'text',
      saves: job.kind === 'train' && job.measure === undefined && doing === 'training',
      model: modelOf(job),
    };
    const told = JSON.stringify(work);
    if (told === this.#told) return;
    this.#told = told;
    this.#thread.postMessage(work);
  }
}

/** What a job does after an event; null where that says nothing of it. */
function nextAfter(event: EngineEvent): Doing | null {
  switch (event.kind) {
    case 'progress':
      return event.phase === 'evaluating' ? 'training' : event.phase;
    case 'dataset':
      return 'loading';
    case 'started':
    case 'metrics':
      return 'training';
    case 'text':
      return 'generating';
    default:
      return null;
  }
}

function modelOf(job: Job | ResidentJob): string | null {
  if ('recipe' in job) return job.recipe.model;
  return 'model' in job ? job.model : null;
}
