/**
 * @file A process that stays and serves asks. Previews and counts go side by side, since they wait for the tokenizer's threads; what
 * needs weights goes one after another, since there is one set of them. Model, tokenizer, weights, adapters, compiled programs and
 * the cache's layout stay from one ask to the next; what was changed on disk is read anew.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { coalesceEvents } from './event-coalescer.ts';
import { describeFailure } from './failure.ts';
import type { LoadedModel } from './generate/loaded-model.ts';
import { openWithTokenizer, type OpenedModel } from './generate/opened-model.ts';
import { answerAll, loadModel } from './generate/run-generate.ts';
import { runWarm } from './generate/run-warm.ts';
import type { JobContext, TextJobContext } from './job-context.ts';
import { openBackend } from './open-backend.ts';
import type { EngineEvent, GenerateJob, ResidentJob, WarmJob } from './protocol.ts';
import { runCount } from './train/count.ts';
import { runPreview } from './train/preview.ts';
import type { Watchdog } from './watchdog.ts';

type Reply = (ask: number, event: EngineEvent) => void;
type ComputingJob = GenerateJob | WarmJob;
type TextJob = Exclude<ResidentJob, ComputingJob>;

/** Files of a model's folder whose change makes it another model. */
const STAMPED = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'model.safetensors',
  'model.safetensors.index.json',
] as const;

export class ResidentEngine {
  readonly #reply: Reply;
  readonly #watchdog: Watchdog;
  readonly #asks = new Map<number, AbortController>();
  readonly #previews = new Set<Promise<void>>();
  #computing: Promise<void> = Promise.resolve();
  #opened: { readonly key: string; readonly value: Promise<OpenedModel> } | null = null;
  #loaded: { readonly key: string; readonly model: LoadedModel } | null = null;

  constructor(reply: Reply, watchdog: Watchdog) {
    this.#reply = reply;
    this.#watchdog = watchdog;
  }

  ask(ask: number, job: ResidentJob): void {
    const stop = new AbortController();
    this.#asks.set(ask, stop);
    if (job.kind === 'generate' || job.kind === 'warm') {
      this.#computing = this.#computing.then(() => this.#serve(ask, job, stop.signal, (context) => this.#compute(job, context)));
      return;
    }
    // What is on the screen comes before what goes through everything.
    const turn = job.kind === 'count' ? Promise.all(this.#previews).then(() => undefined) : Promise.resolve();
    const served = turn.then(() => this.#serve(ask, job, stop.signal, (context) => this.#read(job, context)));
    if (job.kind !== 'preview') return;
    this.#previews.add(served);
    void served.then(() => this.#previews.delete(served));
  }

  cancel(ask: number): void {
    this.#asks.get(ask)?.abort();
  }

  async #serve(ask: number, job: ResidentJob, stop: AbortSignal, work: (context: Omit<JobContext, 'backend'>) => Promise<void>): Promise<void> {
    const events = this.#watchdog.watched(
      job,
      coalesceEvents((event) => this.#reply(ask, event)),
    );
    const started = performance.now();
    try {
      stop.throwIfAborted();
      await work({ emit: events.emit, flush: events.flush, stop });
      events.emit({ kind: 'done', seconds: (performance.now() - started) / 1000 });
      events.flush();
    } catch (error) {
      events.flush();
      this.#reply(ask, stop.aborted ? { kind: 'stopped', step: 0, checkpoint: null } : { kind: 'failed', error: describeFailure(error) });
    } finally {
      this.#asks.delete(ask);
    }
  }

  async #read(job: TextJob, context: TextJobContext): Promise<void> {
    const open = (folder: string) => this.#open(folder);
    return job.kind === 'preview' ? runPreview(job, context, open) : runCount(job, context, open);
  }

  async #compute(job: ComputingJob, context: Omit<JobContext, 'backend'>): Promise<void> {
    const load = async () => {
      const { device, threads, precision } = job;
      const key = JSON.stringify([stampOf(job.model), device, threads, precision]);
      return this.#load(key, async () => loadModel(await this.#open(job.model), job, { ...context, backend: await openBackend(device, job) }));
    };
    return job.kind === 'generate' ? answerAll(job, context, load) : runWarm(job, context, load);
  }

  async #open(folder: string): Promise<OpenedModel> {
    const key = stampOf(folder);
    if (this.#opened?.key !== key) this.#opened = { key, value: openWithTokenizer(folder) };
    const kept = this.#opened;
    return kept.value.catch((error: unknown) => {
      if (this.#opened === kept) this.#opened = null;
      throw error;
    });
  }

  /** The weights at hand where they are the same; else those go before the others come. */
  async #load(key: string, load: () => Promise<LoadedModel>): Promise<LoadedModel> {
    if (this.#loaded?.key === key) return this.#loaded.model;
    const before = this.#loaded;
    this.#loaded = null;
    await before?.model.dispose();
    const model = await load();
    this.#loaded = { key, model };
    return model;
  }
}

/** Names a model as it is on disk now. */
function stampOf(folder: string): string {
  const stamps = STAMPED.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })).map((facts) =>
    facts === undefined ? '' : `${facts.size}:${facts.mtimeMs}`,
  );
  return [folder, ...stamps].join('|');
}
