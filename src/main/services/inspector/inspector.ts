/** @file Rows as training will see them, and what was found in all of them. */
import { join } from 'node:path';
import type { Finding } from '../../../shared/domain/finding.ts';
import {
  datasetCountsSchema,
  lengthLevelsSchema,
  type CountUpdate,
  type DatasetCounts,
  type InspectUpdate,
  type LengthLevel,
} from '../../../shared/domain/inspection.ts';
import { RECIPE_VERSION } from '../../../shared/domain/recipe/field.ts';
import { recipeSchema, type Recipe, type RecipeSettings } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { CountJob, PreviewJob } from '../../engine-host/engine-host.ts';
import type { ResidentEngines } from '../../engine-host/resident-engines.ts';
import { pendingEditsStamp } from '../../registry/pending-edits.ts';
import type { ServiceContext } from '../context.ts';
import type { DatasetLibrary } from '../datasets/dataset-library.ts';
import { jobEvents } from '../job-events.ts';
import { countsKey, KnownCounts } from './known-counts.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import { ScreenFirst } from './screen-first.ts';
import { writeWorkingCopy } from '../datasets/working-copy.ts';

/** The longest that a recipe may say: nothing is cut. */
const UNCUT = { max_length: 1_048_576, packing: false } as const;

/** A model, a dataset and how it is encoded. */
export interface EncodingSubject {
  readonly modelId: string;
  readonly datasetId: string;
  readonly settings: RecipeSettings;
}

/** Rows as training will see them, before anything is trained. */
export class Inspector {
  readonly #context: ServiceContext;
  readonly #models: Pick<ModelLibrary, 'get'>;
  readonly #datasets: Pick<DatasetLibrary, 'get' | 'writeRows'>;
  readonly #engines: Pick<ResidentEngines, 'ask'>;
  readonly #screen = new ScreenFirst();
  readonly #counts: KnownCounts;
  readonly #levels: KnownCounts<readonly LengthLevel[]>;
  /** Countings under way, by key: whoever asks meanwhile waits for the same. */
  readonly #measuring = new Map<string, Promise<readonly LengthLevel[]>>();

  constructor(
    context: ServiceContext,
    models: Pick<ModelLibrary, 'get'>,
    datasets: Pick<DatasetLibrary, 'get' | 'writeRows'>,
    engines: Pick<ResidentEngines, 'ask'>,
  ) {
    this.#context = context;
    this.#engines = engines;
    this.#models = models;
    this.#datasets = datasets;
    this.#counts = new KnownCounts(join(context.data.cache, 'counts'), datasetCountsSchema);
    this.#levels = new KnownCounts(join(context.data.cache, 'lengths'), lengthLevelsSchema);
  }

  /** Rows of the working copy, pending edits included. @throws AppError INSPECT-RANGE; MODEL-UNKNOWN, DATASET-UNKNOWN; of template and tokenizer, naming the row */
  async *rows(subject: EncodingSubject, first: number, count: number, signal: AbortSignal): AsyncGenerator<InspectUpdate, void, void> {
    const recipe = this.#recipe(subject);
    const total = this.#datasets.get(subject.datasetId).edits.rows;
    if (first >= total) throw outOfRange(first, total);
    const shown = this.#screen.show();
    try {
      yield* this.#window(subject, recipe, first, count, signal);
    } finally {
      shown();
    }
  }

  async *#window(
    subject: EncodingSubject,
    recipe: Recipe,
    first: number,
    count: number,
    signal: AbortSignal,
  ): AsyncGenerator<InspectUpdate, void, void> {
    const window = await writeWorkingCopy(this.#datasets, subject.datasetId, { first, count }, this.#folder, signal);
    try {
      // No tensor is computed, so the backend that needs no native library will do.
      const job = { kind: 'preview', ...this.#place, recipe, rows: { file: window.file, contentHash: '' }, first: 0, count } as const;
      for await (const event of this.#events(job, signal)) {
        if (event.kind === 'preview') yield { kind: 'row', row: { ...event.row, row: first + event.row.row } };
        if (event.kind === 'dropped') yield { ...event, row: first + event.row };
        if (event.kind === 'findings') yield { kind: 'findings', findings: event.findings.map((finding) => shifted(finding, first)) };
        if (event.kind === 'log') yield { kind: 'notice', message: event.message };
      }
    } finally {
      await window.dispose();
    }
  }

  /** @throws AppError as `rows` */
  async *count(subject: EncodingSubject, signal: AbortSignal): AsyncGenerator<CountUpdate, void, void> {
    const key = this.#key(subject);
    const known = this.#counts.get(key);
    if (known !== null) {
      yield { kind: 'done', counts: known };
      return;
    }
    await this.#screen.afterwards();
    if (signal.aborted) return;
    const recipe = this.#recipe(subject);
    const { version } = this.#datasets.get(subject.datasetId);
    const rows = await this.#allRows(subject, signal);
    try {
      for await (const event of this.#events(
        { kind: 'count', ...this.#place, recipe, rows: { file: rows.file, contentHash: version.contentHash } },
        signal,
      )) {
        if (event.kind === 'progress') yield { kind: 'progress', done: event.done, total: event.total };
        if (event.kind === 'log') yield { kind: 'notice', message: event.message };
        if (event.kind !== 'counts') continue;
        this.#counts.put(key, event.counts);
        yield { kind: 'done', counts: event.counts };
      }
    } finally {
      await rows.dispose();
    }
  }

  /** Counts from before, or null where this has not been gone through yet. @throws AppError MODEL-UNKNOWN, DATASET-UNKNOWN */
  knownCounts(subject: EncodingSubject): DatasetCounts | null {
    return this.#counts.get(this.#key(subject));
  }

  /** By the engine that stays for the model: a change of a setting starts no process. */
  #events(job: PreviewJob | CountJob, signal: AbortSignal) {
    return jobEvents(job, signal, (asked, onEvent) => this.#engines.ask(asked, onEvent));
  }

  /**
   * How long the rows are before cutting and how much of each is learned: true whatever the longest example is set to. Gone through
   * once for a dataset and its encoding. @throws AppError as `rows`
   */
  async lengths(subject: EncodingSubject): Promise<readonly LengthLevel[]> {
    const key = this.#key({ ...subject, settings: { ...subject.settings, ...UNCUT } });
    const known = this.#levels.get(key) ?? this.#measuring.get(key) ?? null;
    if (known !== null) return known;
    const measuring = this.#measureLengths(subject, key).finally(() => this.#measuring.delete(key));
    this.#measuring.set(key, measuring);
    return measuring;
  }

  async #measureLengths(subject: EncodingSubject, key: string): Promise<readonly LengthLevel[]> {
    const { signal } = new AbortController();
    const rows = await this.#allRows(subject, signal);
    try {
      const job = {
        kind: 'count',
        ...this.#place,
        recipe: { ...this.#recipe(subject), ...UNCUT },
        rows: { file: rows.file, contentHash: '' },
      } as const;
      let levels: readonly LengthLevel[] = [];
      for await (const event of jobEvents(job, signal)) if (event.kind === 'lengths') levels = event.levels;
      this.#levels.put(key, levels);
      return levels;
    } finally {
      await rows.dispose();
    }
  }

  /** The version's own file, or a copy with the pending edits. */
  async #allRows({ datasetId }: EncodingSubject, signal: AbortSignal): Promise<{ readonly file: string; dispose(): Promise<void> }> {
    const { version, edits } = this.#datasets.get(datasetId);
    if (edits.pending === 0) return { file: version.file, dispose: async () => undefined };
    return writeWorkingCopy(this.#datasets, datasetId, { first: 0, count: edits.rows }, this.#folder, signal);
  }

  get #folder(): string {
    return join(this.#context.data.cache, 'inspector');
  }

  get #place() {
    return { device: 'reference', threads: null, cacheDir: this.#context.data.cache } as const;
  }

  #recipe({ modelId, datasetId, settings }: EncodingSubject): Recipe {
    return recipeSchema.parse({
      ...settings,
      version: RECIPE_VERSION,
      model: this.#models.get(modelId).path,
      dataset: { file: this.#datasets.get(datasetId).version.file },
    });
  }

  #key({ modelId, datasetId, settings }: EncodingSubject): string {
    const { version } = this.#datasets.get(datasetId);
    const { loss, max_length: maxLength, chat_template: template, eos_token: eos, packing, packing_strategy: strategy } = settings;
    return countsKey({
      dataset: [version.contentHash, pendingEditsStamp(this.#context.registry.database, version.id)],
      model: this.#models.get(modelId).path,
      settings: { loss, maxLength, template, eos, ...(packing ? { packing: strategy } : {}) },
    });
  }
}

/** A finding in a window of rows, with the places that they have in the dataset. */
function shifted(finding: Finding, by: number): Finding {
  if (finding.rows === null) return finding;
  return {
    ...finding,
    rows: {
      ...finding.rows,
      first: finding.rows.first.map(({ source, position }) => ({ source, position: position === null ? null : position + by })),
    },
  };
}

function outOfRange(first: number, total: number): AppError {
  const remedy = total === 0 ? 'Add a row to the dataset.' : `Choose rows from 1 to ${total}.`;
  return new AppError({
    code: 'INSPECT-RANGE',
    message: `The dataset has ${total} rows; row ${first + 1} is beyond them.`,
    data: { first, total },
    remedy,
  });
}
