/** @file The registry's rows of a run as screens and the command line show them. Reads, never writes. */
import { DRAWN_METRICS, MAIN_METRIC, type MetricPoint, type MetricValues } from '../../../shared/domain/metrics.ts';
import { z } from 'zod';
import { deviceChoiceSchema } from '../../../shared/domain/device.ts';
import { type OutcomeKind, outcomeKindOf } from '../../../shared/domain/outcome.ts';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import type { MetricColumns, RunDetail, RunSummary } from '../../../shared/domain/run-record.ts';
import { isActive, type RunStatus } from '../../../shared/domain/run.ts';
import { CheckpointsTable } from '../../registry/checkpoints-table.ts';
import { DatasetsTable } from '../../registry/datasets-table.ts';
import { MetricsTable } from '../../registry/metrics-table.ts';
import { RecipesTable } from '../../registry/recipes-table.ts';
import type { Registry } from '../../registry/registry.ts';
import type { RunRow } from '../../registry/runs-table.ts';
import { finalOutcome, statusSchema } from './run-folder.ts';
import { paceOf, RECENT } from './run-pace.ts';

const SPARKLINE = 60;
/** Characters of the notes of all runs in a list, and of each beyond. */
const LISTED_NOTES = 2 * 1024 * 1024;
const SHORT_NOTES = 200;

/** Recipes from before it was there trained adapters. */
const trainedSchema = recipeSchema.pick({ finetuning_type: true }).strip();
const startedSchema = z.object({
  device: z.string(),
  precision: z.enum(['f32', 'bf16']),
  epochs: z.number(),
  trainableParameters: z.number(),
  totalParameters: z.number(),
});
const dataSchema = z.object({
  rows: z.number(),
  dropped: z.number(),
  truncated: z.number(),
  tokens: z.number(),
  targets: z.number(),
  longest: z.number(),
  evaluated: z.object({ rows: z.number(), heldOut: z.boolean() }).optional(),
});
const memorySchema = z.object({ weights: z.number(), state: z.number(), workspace: z.number(), peak: z.number() });

export class RunViews {
  readonly #metrics: MetricsTable;
  readonly #checkpoints: CheckpointsTable;
  readonly #recipes: RecipesTable;
  readonly #datasets: DatasetsTable;
  /** Sparklines by run; a curve of 60 points need not be drawn anew for each step. */
  readonly #sparklines = new Map<string, { readonly step: number; readonly attempt: number; readonly values: readonly number[] }>();

  /** By the hash of the recipe. */
  readonly #yields = new Map<string, OutcomeKind>();

  constructor({ database }: Registry) {
    this.#metrics = new MetricsTable(database);
    this.#checkpoints = new CheckpointsTable(database);
    this.#recipes = new RecipesTable(database);
    this.#datasets = new DatasetsTable(database);
  }

  /** What a run yields. */
  yields({ recipe_hash: hash }: Pick<RunRow, 'recipe_hash'>): OutcomeKind {
    const known =
      this.#yields.get(hash) ?? outcomeKindOf(trainedSchema.catch({ finetuning_type: 'lora' }).parse(JSON.parse(this.#recipes.get(hash) ?? '{}')));
    this.#yields.set(hash, known);
    return known;
  }

  summary(row: RunRow): RunSummary {
    const status = statusOf(row);
    const recent = this.#metrics.last(row.id, RECENT);
    const pace = paceOf(recent, row.resumed_from ?? 0);
    return {
      id: row.id,
      name: row.name,
      status,
      model: { id: row.model_id, name: row.model_name, path: row.model_path },
      dataset: {
        id: row.dataset_version_id === null ? null : (this.#datasets.version(row.dataset_version_id)?.dataset_id ?? null),
        versionId: row.dataset_version_id,
        name: row.dataset_name,
        rows: row.dataset_rows,
      },
      device: deviceChoiceSchema.catch('cpu').parse(row.device),
      host: row.host,
      elsewhere: (isActive(status) || status.kind === 'queued') && row.host_pid !== process.pid ? row.host_pid : null,
      dir: row.dir,
      createdAt: row.created_at,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      step: row.step,
      totalSteps: row.total_steps,
      lastLoss: recent.find(({ values }) => values[MAIN_METRIC] !== undefined)?.values[MAIN_METRIC] ?? null,
      tokensPerSecond: pace?.tokensPerSecond ?? null,
      secondsLeft: isActive(status) && pace !== null && row.total_steps > 0 ? Math.max(0, row.total_steps - row.step) * pace.secondsPerStep : null,
      sparkline: this.#sparkline(row),
      checkpoints: this.#checkpoints.list(row.id).map(({ step }) => step),
      yields: this.yields(row),
      hasOutcome: status.kind === 'completed',
      notes: row.notes,
      origin: row.origin,
    };
  }

  /** A list of runs; where their notes together are too long for one, only the beginning of each. */
  list(rows: readonly RunRow[]): readonly RunSummary[] {
    const summaries = rows.map((row) => this.summary(row));
    if (summaries.reduce((sum, { notes }) => sum + notes.length, 0) <= LISTED_NOTES) return summaries;
    return summaries.map((summary) => ({ ...summary, notes: summary.notes.slice(0, SHORT_NOTES) }));
  }

  detail(row: RunRow): RunDetail {
    return {
      ...this.summary(row),
      // Of this or an older version; fields that came later have their defaults.
      recipe: recipeSchema.parse(JSON.parse(this.#recipes.get(row.recipe_hash) ?? '{}')),
      started: parsed(startedSchema, row.started_json),
      data: parsed(dataSchema, row.data_json),
      memory: parsed(memorySchema, row.memory_json),
      outcome: statusOf(row).kind === 'completed' ? finalOutcome(row.dir, this.yields(row)) : null,
    };
  }

  #sparkline(row: RunRow): readonly number[] {
    const known = this.#sparklines.get(row.id);
    const fresh =
      known !== undefined &&
      known.attempt === row.attempt &&
      row.step - known.step < Math.max(1, known.step / SPARKLINE) &&
      (isActive(statusOf(row)) || known.step === row.step);
    if (fresh) return known.values;
    const values = this.#metrics.sample(row.id, row.step, SPARKLINE);
    this.#sparklines.set(row.id, { step: row.step, attempt: row.attempt, values });
    return values;
  }
}

/** A status that cannot be read counts as one of a run that nobody runs. */
export function statusOf(row: RunRow): RunStatus {
  const result = statusSchema.safeParse(JSON.parse(row.status_json));
  return result.success ? (result.data as RunStatus) : { kind: 'interrupted', step: row.step, resumeFrom: null };
}

function parsed<T>(schema: z.ZodType<T>, json: string | null): T | null {
  return json === null ? null : schema.nullable().catch(null).parse(JSON.parse(json));
}

/** Points as columns of what charts show. `before` is the point before the first: tokens are counted from the start, speed is per step. */
export function metricColumns(points: readonly MetricPoint[], before: MetricPoint | null): MetricColumns {
  const complete = points.map((point, i) => ({ ...point.values, ...derivedValues(point, i === 0 ? before : points[i - 1]!) }));
  const shown = DRAWN_METRICS.filter((name) => complete.some((values) => values[name] !== undefined));
  return {
    step: points.map(({ step }) => step),
    values: Object.fromEntries(shown.map((name) => [name, complete.map((values) => values[name] ?? null)])),
  };
}

function derivedValues({ values }: MetricPoint, previous: MetricPoint | null): MetricValues {
  const { num_tokens: count, elapsed_seconds: at, seconds } = values;
  if (count === undefined || at === undefined) return {};
  const tokens = count - (previous?.values.num_tokens ?? 0);
  const since = previous?.values.elapsed_seconds;
  // The clock starts anew with each attempt, and points may be several steps apart.
  const elapsed = since !== undefined && at > since ? at - since : (seconds ?? 0);
  return { tokens_per_second: elapsed > 0 ? tokens / elapsed : 0 };
}
