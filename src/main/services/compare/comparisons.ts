/** @file Questions to several sets of weights at once, answered side by side and kept. */
import { randomUUID } from 'node:crypto';
import type { Column, GenerateRequest, GenerateUpdate, Generation, Manner, Readiness } from '../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import type { DeviceChoice } from '../../../shared/domain/device.ts';
import { AsyncQueue } from '../../../shared/lib/async-queue.ts';
import type { ResidentEngines } from '../../engine-host/resident-engines.ts';
import { Generations } from '../../registry/generations.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isTraining } from '../../engine-host/room.ts';
import { columnName, planColumns, planComparison, type ComparisonPlan } from './comparison-plan.ts';
import { ComparisonTranscript } from './comparison-transcript.ts';
import type { ServiceContext } from '../context.ts';
import { settleDevice } from '../machine/devices.ts';
import { mannerOf } from './manner.ts';
import type { MachineFacts } from '../machine/machine-facts.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { Paced } from './paced.ts';
import { answer, engineColumn, partsOf, type AnswerHandle, type AnswerRequest } from './answering.ts';
import type { RunLibrary } from '../runs/run-library.ts';
import type { SettingsStore } from '../studio/settings-store.ts';

/** Milliseconds between two batches for a page: 20 a second. */
const BATCH_INTERVAL = 50;
/** Milliseconds an engine gets to end by itself; it has nothing to save. */
const STOP_GRACE = 2000;
/** Lengths that are compiled for before anything is asked: a short question, with room for a few turns of talk. */
const READY_FOR = { promptTokens: 96, maxNewTokens: 672 } as const;

/** One prompt answered by base and tuned models side by side, and what was answered before. */
export class Comparisons {
  readonly #context: ServiceContext;
  readonly #machine: MachineFacts;
  readonly #settings: SettingsStore;
  readonly #models: Pick<ModelLibrary, 'get'>;
  readonly #runs: Pick<RunLibrary, 'get' | 'outcome'>;
  readonly #engines: ResidentEngines;
  readonly #generations: Generations;

  constructor(
    context: ServiceContext,
    machine: MachineFacts,
    settings: SettingsStore,
    models: Pick<ModelLibrary, 'get'>,
    runs: Pick<RunLibrary, 'get' | 'outcome'>,
    engines: ResidentEngines,
  ) {
    this.#context = context;
    this.#engines = engines;
    this.#machine = machine;
    this.#settings = settings;
    this.#models = models;
    this.#runs = runs;
    this.#generations = new Generations(context.registry.database);
  }

  /**
   * Text in at most 20 batches a second, each column's merged, then the record that was kept. Aborting keeps what was said
   * so far, at once. @throws AppError MODEL-UNKNOWN, COLUMN-MODEL, RUN-UNKNOWN, ADAPTER-NONE, and those of the engine
   */
  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateUpdate, void, void> {
    const started = performance.now();
    const model = this.#models.get(request.modelId);
    const plan = await planComparison(request, model, this.#runs);
    for (const message of plan.notices) yield { kind: 'notice', message };
    const { device, threads } = await this.#place();
    signal.throwIfAborted();

    const transcript = new ComparisonTranscript(plan.columns);
    const updates = new AsyncQueue<GenerateUpdate>();
    let progress: GenerateUpdate | null = null;
    const paced = new Paced(BATCH_INTERVAL, () => {
      if (progress !== null) updates.push(progress);
      progress = null;
      for (const text of transcript.takeNews()) updates.push(text);
    });
    const handle = answer(
      this.#engineRequest(request, plan, model, device, threads),
      this.#context.data,
      (update) => {
        if (update.kind === 'text') transcript.add(update);
        else if (update.kind === 'progress') progress = { kind: 'progress', phase: update.phase, done: update.done, total: update.total };
        else if (update.kind === 'log') updates.push({ kind: 'notice', message: update.message });
        if (update.kind === 'text' || update.kind === 'progress') paced.ask();
      },
      (job, onEvent) => this.#engines.ask(job, onEvent),
    );
    const keep = () =>
      this.#keep(request, model, transcript, (performance.now() - started) / 1000, (message) => updates.push({ kind: 'notice', message }));
    const stopped = whenAborted(signal, () => {
      // Nobody waits for it any more.
      if (transcript.begun) void keep().catch(() => undefined);
      updates.end();
    });
    const ended = handle.ended
      .then(async (complete) => {
        paced.flush();
        if (complete && !stopped.aborted()) updates.push({ kind: 'done', generation: await keep() });
        updates.end();
      })
      .catch((error: unknown) => updates.fail(error));
    try {
      yield* updates;
    } finally {
      stopped.dispose();
      paced.close();
      await endWithin(handle, ended, STOP_GRACE);
    }
  }

  /** Makes ready for questions to these columns; the answer comes when they are. @throws AppError as `generate` */
  async warm(modelId: string, asked: readonly Column[]): Promise<Readiness> {
    const model = this.#models.get(modelId);
    if (model.state.kind === 'unusable') throw new AppError(model.state.error);
    if (isTraining()) return { kind: 'training' };
    const planned = await planColumns(asked, model, this.#runs);
    const columns = planned.map(({ column, weights }, index) => ({ name: columnName(column, index), weights }));
    // Of several models the one that answers first.
    const [first] = partsOf({ model: model.path, columns });
    const job = {
      kind: 'warm',
      ...(await this.#place()),
      cacheDir: this.#context.data.cache,
      model: first!.model,
      precision: 'auto',
      columns: first!.columns.map((index) => engineColumn(columns[index]!)),
      ...READY_FOR,
    } as const;
    let bytes = 0;
    const last = await this.#engines.ask(job, (event) => {
      if (event.kind === 'memory') bytes = event.memory.weights + event.memory.state;
    }).ended;
    if (last.kind === 'failed') throw new AppError(last.error);
    return last.kind === 'done' ? { kind: 'ready', bytes } : { kind: 'training' };
  }

  /** @throws AppError RUN-UNKNOWN */
  async manner(runId: string): Promise<Manner | null> {
    const run = this.#runs.get(runId);
    const { state } = run.model.id === null ? { state: null } : this.#models.get(run.model.id);
    const hasTemplate = run.recipe.chat_template !== null || (state?.kind === 'usable' && state.facts.chatTemplate !== null);
    return mannerOf(run, hasTemplate);
  }

  /** Newest first. @throws AppError REGISTRY-ROW */
  history(limit: number): readonly Generation[] {
    return this.#generations.list(limit);
  }

  forget(id: string): Promise<void> {
    return this.#context.registry.write(() => this.#generations.remove(id));
  }

  async #place(): Promise<{ readonly device: DeviceChoice; readonly threads: number | null }> {
    const { device, threads } = this.#settings.get();
    return { device: settleDevice(device, device === 'auto' ? await this.#machine.devices(false) : []).device, threads };
  }

  #engineRequest(
    request: GenerateRequest,
    plan: ComparisonPlan,
    model: ModelRecord,
    device: AnswerRequest['device'],
    threads: number | null,
  ): AnswerRequest {
    return {
      model: model.path,
      columns: plan.columns.map(({ column, weights }, index) => ({ name: columnName(column, index), weights })),
      prompts: [plan.prompt],
      chatTemplate: plan.chatTemplate,
      maxNewTokens: request.maxNewTokens,
      sampling: request.sampling,
      seed: request.seed,
      precision: 'auto',
      device,
      threads,
    };
  }

  /** An answer that cannot be kept has been given all the same. */
  async #keep(
    request: GenerateRequest,
    model: ModelRecord,
    { answers }: ComparisonTranscript,
    seconds: number,
    onLost: (message: string) => void,
  ): Promise<Generation> {
    const generation: Generation = {
      id: randomUUID(),
      createdAt: new Date().toISOString(),
      modelId: model.id,
      modelName: model.name,
      request,
      answers,
      seconds,
    };
    await this.#context.registry
      .write(() => this.#generations.add(generation))
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        onLost(`The answer is not kept in the history. ${error.message}`);
      });
    return generation;
  }
}

function whenAborted(signal: AbortSignal, act: () => void): { readonly aborted: () => boolean; readonly dispose: () => void } {
  signal.addEventListener('abort', act, { once: true });
  return { aborted: () => signal.aborted, dispose: () => signal.removeEventListener('abort', act) };
}

/** Nothing happens to an engine that has ended; one that does not is killed. */
async function endWithin(handle: AnswerHandle, ended: Promise<void>, milliseconds: number): Promise<void> {
  handle.stop();
  const kill = setTimeout(() => handle.stop(), milliseconds);
  await ended;
  clearTimeout(kill);
}
