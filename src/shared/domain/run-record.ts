/** @file Runs as lists, pages and charts show them. Times are ISO 8601, durations seconds. */
import type { MetricName } from './metrics.ts';
import type { AppErrorFields } from '../lib/app-error.ts';
import type { DeviceChoice } from './device.ts';
import type { Outcome, OutcomeKind } from './outcome.ts';
import type { Recipe } from './recipe/recipe.ts';
import type { RunStatus } from './run.ts';

export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly status: RunStatus;
  /** `id` is null where the registry does not know the model or dataset, as of runs of the command line. */
  readonly model: { readonly id: string | null; readonly name: string; readonly path: string };
  readonly dataset: { readonly id: string | null; readonly versionId: string | null; readonly name: string; readonly rows: number | null };
  readonly device: DeviceChoice;
  /** Who started it last. */
  readonly host: 'studio' | 'cli';
  /** Number of the process that works on it, where that is another studio or a command; null where it is this one, or nobody. */
  readonly elsewhere: number | null;
  /** Folder of the run. */
  readonly dir: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Optimiser steps done, and in all; `totalSteps` 0 until the engine has said. */
  readonly step: number;
  readonly totalSteps: number;
  readonly lastLoss: number | null;
  /** Over the last steps; null before the first. */
  readonly tokensPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** At most 60 losses over the whole run, for a sparkline. */
  readonly sparkline: readonly number[];
  /** Steps of the checkpoints on disk, oldest first. */
  readonly checkpoints: readonly number[];
  readonly yields: OutcomeKind;
  /** What it yields in the end is there. */
  readonly hasOutcome: boolean;
  /** What a person has written down about it. */
  readonly notes: string;
  /** The tour's, which any window may come back to; null for a person's own. */
  readonly origin: 'tour' | null;
}

export interface RunDetail extends RunSummary {
  readonly recipe: Recipe;
  /** What the engine said when it started; null before. */
  readonly started: RunStarted | null;
  /** What the dataset came to when it was encoded; null before. */
  readonly data: RunData | null;
  readonly memory: RunMemory | null;
  /** What it has yielded, once it has finished. */
  readonly outcome: Outcome | null;
}

export interface RunStarted {
  readonly device: string;
  readonly precision: 'f32' | 'bf16';
  readonly epochs: number;
  readonly trainableParameters: number;
  readonly totalParameters: number;
}

export interface RunData {
  readonly rows: number;
  readonly dropped: number;
  readonly truncated: number;
  readonly tokens: number;
  readonly targets: number;
  readonly longest: number;
  /** What the rows were packed into; absent where they were not. */
  readonly packs?: number;
  /** Rows that are evaluated, of a file of their own or held out of `rows`; absent where none are. */
  readonly evaluated?: { readonly rows: number; readonly heldOut: boolean } | undefined;
}

/** Bytes on the device. */
export interface RunMemory {
  readonly weights: number;
  readonly state: number;
  readonly workspace: number;
  readonly peak: number;
}

/** Points of a run's curves as columns of equal length, in order of `step`; null where a point lacks a value, and no column where all do. */
export interface MetricColumns {
  readonly step: readonly number[];
  readonly values: { readonly [N in MetricName]?: readonly (number | null)[] };
}

export interface LogLine {
  readonly seq: number;
  readonly time: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
}

export type RunPhase = 'importing' | 'reading' | 'encoding' | 'loading' | 'compiling' | 'evaluating';

/** What a page that watches a run is told: the whole state first, then what is new. */
export type RunWatchUpdate =
  | { readonly kind: 'run'; readonly run: RunDetail }
  /** Points after the last one told; at most 20 batches a second, at most 4000 points each. */
  | { readonly kind: 'metrics'; readonly columns: MetricColumns }
  /** The run went back to a checkpoint: points after this step are no longer true. */
  | { readonly kind: 'rewind'; readonly afterStep: number }
  | { readonly kind: 'log'; readonly lines: readonly LogLine[] }
  | { readonly kind: 'progress'; readonly phase: RunPhase; readonly done: number; readonly total: number }
  | { readonly kind: 'removed' };

/** What goes, or loses what it was made from, when a run is deleted. */
export interface RunDependents {
  readonly checkpoints: number;
  /** Of its folder. */
  readonly bytes: number;
  /** Prompts in the history of Compare that it has answered. */
  readonly comparisons: number;
  /** Names of runs that were started from its adapter or model. */
  readonly runs: readonly string[];
  /** Names of models in the studio that lie in its folder. */
  readonly models: readonly string[];
}

/** What a run would need, before it is started. Bytes and seconds. */
export interface RunEstimate {
  readonly device: DeviceChoice;
  readonly deviceName: string;
  readonly memory: {
    readonly weights: number;
    readonly adapter: number;
    readonly activations: number;
    readonly engine: number;
    readonly total: number;
    readonly available: number | null;
  };
  /** null: not known until something has been measured. */
  readonly time: { readonly seconds: number; readonly basis: 'measured' | 'earlier-run' } | null;
  readonly steps: number | null;
  readonly trainableParameters: number;
  /** No row has more tokens before cutting, within a few dozen; null where there are no rows. */
  readonly longestRow: number | null;
  /** Plain sentences, e.g. that it will not fit and what to lower. */
  readonly advice: readonly string[];
}

export type MeasureUpdate =
  | { readonly kind: 'progress'; readonly phase: RunPhase | 'stepping'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly estimate: RunEstimate; readonly secondsPerStep: number; readonly peakBytes: number | null };

/** A form's settings looked at as a whole, before anything is loaded. */
export interface RecipeCheck {
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** The complete recipe; null while there are problems. */
  readonly recipe: Recipe | null;
  readonly error: AppErrorFields | null;
}
