/** @file What a run would need: by arithmetic, from earlier runs, or measured by a few real steps. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';
import type { DeviceChoice } from '../../../shared/domain/device.ts';
import type { DatasetCounts, LengthLevel } from '../../../shared/domain/inspection.ts';
import type { ModelFacts } from '../../../shared/domain/model.ts';
import { parseRecipe } from '../../../shared/domain/recipe/parse.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { MeasureUpdate, RunEstimate } from '../../../shared/domain/run-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { AsyncQueue } from '../../../shared/lib/async-queue.ts';
import { startJob, type EngineEvent } from '../../engine-host/engine-host.ts';
import { planRecipe, type MemoryPlan } from '../../engine-host/memory-plan.ts';
import { makeFolder, makeTemporaryFolder, remove } from '../../files/folders.ts';
import type { ServiceContext } from '../context.ts';
import type { DatasetLibrary } from '../datasets/dataset-library.ts';
import { settleDevice } from '../machine/devices.ts';
import type { EncodingSubject, Inspector } from '../inspector/inspector.ts';
import { cudaMemoryOf, stepsOf, trainedParameters } from './memory-estimate.ts';
import type { MachineFacts } from '../machine/machine-facts.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { RunLibrary } from './run-library.ts';
import type { SettingsStore } from '../studio/settings-store.ts';
import { writeWorkingCopy } from '../datasets/working-copy.ts';

/** Steps of a measurement; the first touches new memory and is not timed. */
const MEASURED_STEPS = 4;

interface Prepared {
  readonly recipe: Recipe;
  readonly facts: ModelFacts;
  readonly device: DeviceChoice;
  readonly threads: number | null;
  readonly deviceName: string;
  readonly rowCount: number;
  readonly longestRow: number | null;
  readonly memory: Omit<MemoryPlan, 'largest'>;
}

export class Estimates {
  readonly #context: ServiceContext;
  readonly #machine: MachineFacts;
  readonly #settings: SettingsStore;
  readonly #models: ModelLibrary;
  readonly #datasets: DatasetLibrary;
  readonly #inspector: Inspector;
  readonly #runs: RunLibrary;

  constructor(
    context: ServiceContext,
    machine: MachineFacts,
    settings: SettingsStore,
    models: ModelLibrary,
    datasets: DatasetLibrary,
    inspector: Inspector,
    runs: RunLibrary,
  ) {
    this.#context = context;
    this.#machine = machine;
    this.#settings = settings;
    this.#models = models;
    this.#datasets = datasets;
    this.#inspector = inspector;
    this.#runs = runs;
  }

  /** @throws AppError MODEL-UNKNOWN, MODEL-UNUSABLE, DATASET-UNKNOWN, RECIPE */
  async estimate(subject: EncodingSubject): Promise<RunEstimate> {
    const prepared = await this.#prepare(subject);
    return this.#describe(prepared, this.#timeByEarlierRun(subject, prepared));
  }

  /** Takes a few real steps in a folder that is thrown away. @throws AppError as `estimate`, and what training throws */
  measure(subject: EncodingSubject, signal: AbortSignal): AsyncIterable<MeasureUpdate> {
    const updates = new AsyncQueue<MeasureUpdate>();
    this.#measure(subject, signal, (update) => updates.push(update)).then(
      () => updates.end(),
      (error: unknown) => updates.fail(error),
    );
    return updates;
  }

  async #measure(subject: EncodingSubject, signal: AbortSignal, tell: (update: MeasureUpdate) => void): Promise<void> {
    const prepared = await this.#prepare(subject);
    await makeFolder(this.#context.data.cache);
    const outDir = await makeTemporaryFolder(join(this.#context.data.cache, 'measure-'));
    try {
      const rows = await this.#rows(subject, outDir, signal);
      if (signal.aborted) return;
      const { seconds, peak } = await this.#takeSteps(prepared, rows, outDir, signal, tell);
      if (signal.aborted) return;
      const steps = stepsOf(prepared.recipe, prepared.rowCount);
      const estimate = this.#describe(prepared, { seconds: seconds * steps, basis: 'measured' });
      tell({ kind: 'done', estimate, secondsPerStep: seconds, peakBytes: peak });
    } finally {
      await remove(outDir);
    }
  }

  /** All rows with pending edits, as the run would save them: encoding and programs are the run's own, and it finds them made. */
  async #rows({ datasetId }: EncodingSubject, folder: string, signal: AbortSignal): Promise<{ readonly file: string; readonly contentHash: string }> {
    const { version, edits } = this.#datasets.get(datasetId);
    if (edits.pending === 0) return { file: version.file, contentHash: version.contentHash };
    const { file } = await writeWorkingCopy(this.#datasets, datasetId, { first: 0, count: edits.rows }, folder, signal);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return { file, contentHash: hash.digest('hex') };
  }

  async #takeSteps(
    { recipe, device, threads }: Prepared,
    rows: { readonly file: string; readonly contentHash: string },
    outDir: string,
    signal: AbortSignal,
    tell: (update: MeasureUpdate) => void,
  ): Promise<{ readonly seconds: number; readonly peak: number | null }> {
    const timed: number[] = [];
    let peak: number | null = null;
    const onEvent = (event: EngineEvent) => {
      if (event.kind === 'progress') tell({ kind: 'progress', phase: event.phase, done: event.done, total: event.total });
      if (event.kind === 'memory') peak = Math.max(peak ?? 0, event.memory.peak);
      if (event.kind !== 'metrics') return;
      timed.push(...event.steps.map(({ values }) => values.seconds ?? 0));
      tell({ kind: 'progress', phase: 'stepping', done: timed.length, total: MEASURED_STEPS });
    };
    const job = startJob(
      {
        kind: 'train',
        device,
        threads,
        cacheDir: this.#context.data.cache,
        recipe,
        rows,
        outDir,
        resumeFrom: null,
        measure: { steps: MEASURED_STEPS },
      },
      onEvent,
    );
    const stop = () => {
      job.stop();
      // What it would save first is thrown away.
      job.stop();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const last = await job.ended;
      if (last.kind === 'failed') throw new AppError(last.error);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const warm = timed.slice(1);
    return { seconds: warm.length === 0 ? (timed[0] ?? 0) : warm.reduce((sum, each) => sum + each, 0) / warm.length, peak };
  }

  async #prepare(subject: EncodingSubject): Promise<Prepared> {
    const model = this.#models.get(subject.modelId);
    if (model.state.kind === 'unusable') throw new AppError(model.state.error);
    const { version, name, edits } = this.#datasets.get(subject.datasetId);
    const { recipe } = parseRecipe({ ...subject.settings, model: model.path, dataset: { file: version.file } }, name);
    const { device: wanted, threads } = this.#settings.get();
    const reports = await this.#machine.devices(false);
    const { device } = settleDevice(wanted, reports);
    const counts = this.#inspector.knownCounts(subject) ?? (recipe.packing ? await this.#counted(subject) : null);
    // What a batch is made of: rows, or packs of them.
    const rowCount = counts === null ? edits.rows : (counts.packs ?? counts.rows - counts.dropped);
    const deviceName = reports.find((report) => report.device === device)?.description ?? device;
    const levels = await this.#inspector.lengths(subject);
    // Levels are rounded up; what was counted is exact.
    const longestRow = counts?.longest ?? (levels.length === 0 ? null : Math.max(...levels.map(({ length }) => length)));
    return {
      recipe,
      facts: model.state.facts,
      device,
      deviceName,
      threads,
      rowCount,
      longestRow,
      memory: await memoryPlan(recipe, model.state.facts, device, levels),
    };
  }

  /** How many packs there are only counting tells. */
  async #counted(subject: EncodingSubject): Promise<DatasetCounts | null> {
    for await (const update of this.#inspector.count(subject, new AbortController().signal)) if (update.kind === 'done') return update.counts;
    return null;
  }

  #describe({ recipe, facts, device, deviceName, rowCount, longestRow, memory }: Prepared, time: RunEstimate['time']): RunEstimate {
    // Of a graphics card the engine does not tell before it works on it.
    const available = device === 'cuda' ? null : freemem();
    return {
      device,
      deviceName,
      memory: { ...memory, available },
      time,
      steps: stepsOf(recipe, rowCount),
      trainableParameters: trainedParameters(recipe, facts),
      longestRow,
      advice: available !== null && memory.total > available ? advice(recipe) : [],
    };
  }

  /** Tokens to be trained over the speed of the newest run of this model on this device; null where either is not known. */
  #timeByEarlierRun(subject: EncodingSubject, { recipe, device, rowCount }: Prepared): RunEstimate['time'] {
    const counts = this.#inspector.knownCounts(subject);
    const earlier = this.#runs
      .list()
      .find((run) => run.model.path === recipe.model && run.device === device && run.tokensPerSecond !== null && run.tokensPerSecond > 0);
    if (earlier === undefined || earlier.tokensPerSecond === null || counts === null || rowCount === 0) return null;
    const rows = stepsOf(recipe, rowCount) * recipe.per_device_train_batch_size * recipe.gradient_accumulation_steps;
    return { seconds: ((counts.tokens / rowCount) * rows) / earlier.tokensPerSecond, basis: 'earlier-run' };
  }
}

function advice(recipe: Recipe): readonly string[] {
  return [
    ...(recipe.per_device_train_batch_size > 1
      ? ['Lower the batch size and raise gradient accumulation: the same effective batch in less memory.']
      : []),
    'Lower the longest example, if few rows are that long.',
  ];
}

/** On the CPU the engine's own plan; a graphics card still has the arithmetic of `memory-estimate.ts`. */
async function memoryPlan(recipe: Recipe, facts: ModelFacts, device: DeviceChoice, levels: readonly LengthLevel[]): Promise<Prepared['memory']> {
  if (device !== 'cuda') {
    const { largest: _, ...memory } = await planRecipe(recipe, facts.parameters, levels);
    return memory;
  }
  return {
    ...cudaMemoryOf(
      recipe,
      facts,
      recipe.packing ? recipe.max_length : Math.min(recipe.max_length, Math.max(1, ...levels.map(({ length }) => length))),
    ),
    engine: 0,
  };
}
