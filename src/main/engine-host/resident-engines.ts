/**
 * @file The engines that stay: one a model, started by the first ask and let go after a while without any (docs/adr/0013). At most one
 * of them holds weights, and it gives way when a training job starts.
 */
import { basename } from 'node:path';
import type { EngineEvent, ResidentJob } from '../engine/protocol.ts';
import { launchEngine, type RunningJob } from './engine-host.ts';
import { Resident } from './resident.ts';
import { holdRoom, isTraining } from './room.ts';

export interface ResidentLimits {
  /** Milliseconds without an ask after which an engine goes. */
  readonly idle: number;
  /** Engines at once. */
  readonly engines: number;
}

const LIMITS: ResidentLimits = { idle: 10 * 60_000, engines: 2 };

export interface ResidentInfo {
  readonly model: string;
  readonly pid: number | undefined;
  /** Bytes of weights and cache; null where it holds none. */
  readonly bytes: number | null;
}

interface Entry {
  readonly model: string;
  readonly resident: Resident;
  weights: boolean;
  bytes: number | null;
  /** Takes no more asks, and goes when those it has are done. */
  leaving: boolean;
  timer: NodeJS.Timeout | null;
}

export class ResidentEngines {
  readonly #limits: ResidentLimits;
  /** The one asked longest ago first. */
  #entries: Entry[] = [];
  readonly #release: () => void;

  constructor(limits: Partial<ResidentLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#release = holdRoom({ giveWay: () => this.#giveWay() });
  }

  /** As `startJob`, by the engine that stays for the job's model. */
  ask(job: ResidentJob, onEvent: (event: EngineEvent) => void): RunningJob {
    const computes = job.kind === 'generate' || job.kind === 'warm';
    const entry = this.#entryOf('recipe' in job ? job.recipe.model : job.model);
    if (computes) {
      for (const other of this.#entries) if (other !== entry && other.weights) this.#letGo(other);
      entry.weights = true;
    }
    return entry.resident.ask(job, (event) => {
      if (event.kind === 'memory') entry.bytes = event.memory.weights + event.memory.state;
      onEvent(event);
    });
  }

  list(): readonly ResidentInfo[] {
    return this.#entries.map(({ model, resident: { pid }, bytes }) => ({ model, pid, bytes }));
  }

  /** Ends all of them, whatever they do. */
  async close(): Promise<void> {
    this.#release();
    const all = this.#entries;
    for (const entry of all) this.#end(entry);
    await Promise.all(all.map(({ resident }) => resident.gone));
  }

  #entryOf(model: string): Entry {
    const known = this.#entries.find((entry) => entry.model === model && !entry.leaving) ?? this.#start(model);
    this.#entries = [...this.#entries.filter((entry) => entry !== known), known];
    if (known.timer !== null) clearTimeout(known.timer);
    known.timer = null;
    return known;
  }

  #start(model: string): Entry {
    const staying = this.#entries.filter(({ leaving }) => !leaving);
    for (const oldest of staying.slice(0, Math.max(0, staying.length + 1 - this.#limits.engines))) this.#letGo(oldest);
    const resident = new Resident(launchEngine(), () => this.#rest(entry));
    const entry: Entry = { model, resident, weights: false, bytes: null, leaving: false, timer: null };
    void resident.gone.then(() => {
      if (entry.timer !== null) clearTimeout(entry.timer);
      this.#entries = this.#entries.filter((each) => each !== entry);
    });
    return entry;
  }

  #rest(entry: Entry): void {
    // What was asked for while a run trains is answered, and does not stay beside it.
    if (entry.leaving || (entry.weights && isTraining())) this.#end(entry);
    else entry.timer = setTimeout(() => this.#end(entry), this.#limits.idle).unref();
  }

  /** Now where nothing is asked of it, else when that is done. */
  #letGo(entry: Entry): void {
    entry.leaving = true;
    if (!entry.resident.busy) this.#end(entry);
  }

  #end(entry: Entry): void {
    entry.leaving = true;
    if (entry.timer !== null) clearTimeout(entry.timer);
    this.#entries = this.#entries.filter((each) => each !== entry);
    entry.resident.end();
  }

  #giveWay(): readonly string[] {
    return this.#entries
      .filter(({ weights, leaving }) => weights && !leaving)
      .map((entry) => {
        const { busy } = entry.resident;
        this.#letGo(entry);
        const held = entry.bytes === null ? '' : ` (${Math.round(entry.bytes / 2 ** 20)} MiB)`;
        return `To leave the memory to training, the engine that answered for ${basename(entry.model)}${held} ${busy ? 'goes when its answer is finished' : 'was let go'}.`;
      });
  }
}
