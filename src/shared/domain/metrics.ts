/**
 * @file What a run measures: the one catalogue. What the engine tells, the log in checkpoints, the registry's table, charts, the terminal and
 * the help go by it; a new metric is one line here and the line that computes it. Names are those of TRL's and transformers' logs.
 */
import { z } from 'zod';
import { duration, grouped } from '../lib/plain-words.ts';

/** How a value is written: `share` is between 0 and 1, `rate` may be very small. */
export type MetricFormat = 'number' | 'rate' | 'count' | 'share' | 'seconds';

export interface MetricNotes {
  readonly label: string;
  /** For the command line's help, after the name. */
  readonly help: string;
  readonly format: MetricFormat;
  /** The chart it is drawn in; absent where it is not drawn. */
  readonly chart?: ChartName;
  /** Of its curve, among the colours of charts. */
  readonly colour?: number;
  /** Not of every run: its curve appears with its first value. */
  readonly sometimes?: true;
  /** Its word on the terminal's line of a step; absent where it has none. */
  readonly short?: string;
  /** Which way is better, where one is. */
  readonly better?: 'lower' | 'higher';
  /** Reckoned by the host from what is kept, not told by the engine. */
  readonly derived?: true;
}

export interface ChartNotes {
  readonly label: string;
  /** Of its values, with the unit. */
  readonly axis: string;
  readonly format: MetricFormat;
}

/** In the order in which they stand on the page. */
export const CHARTS = {
  loss: { label: 'Loss', axis: 'Loss (nats)', format: 'number' },
  mean_token_accuracy: { label: 'Token accuracy', axis: 'Share of learned tokens', format: 'share' },
  entropy: { label: 'Entropy', axis: 'Entropy (nats)', format: 'number' },
  learning_rate: { label: 'Learning rate', axis: 'Learning rate', format: 'rate' },
  grad_norm: { label: 'Gradient norm', axis: 'L2 norm', format: 'number' },
  tokens_per_second: { label: 'Tokens per second', axis: 'tokens/s', format: 'count' },
} as const satisfies Readonly<Record<string, ChartNotes>>;
export type ChartName = keyof typeof CHARTS;
export const CHART_NAMES = Object.keys(CHARTS) as readonly ChartName[];
/** The large one, with a smoothed curve and a choice of scale. */
export const MAIN_CHART = 'loss' satisfies ChartName;

const CATALOGUE = {
  epoch: { label: 'Epoch', help: 'epochs done', format: 'number' },
  loss: {
    label: 'Loss',
    help: 'mean over the learned tokens, in nats; over the steps since the last line',
    format: 'number',
    chart: 'loss',
    short: 'loss',
    better: 'lower',
  },
  eval_loss: {
    label: 'Loss, evaluation',
    help: 'loss over the rows held out: mean over batches, by their rows',
    format: 'number',
    chart: 'loss',
    colour: 1,
    sometimes: true,
    short: 'eval loss',
    better: 'lower',
  },
  grad_norm: { label: 'Gradient norm', help: 'of the last step, before clipping', format: 'number', chart: 'grad_norm', colour: 1 },
  learning_rate: { label: 'Learning rate', help: 'used in the last step', format: 'rate', chart: 'learning_rate', colour: 2, short: 'lr' },
  mean_token_accuracy: {
    label: 'Token accuracy',
    help: 'share of learned tokens that were the most likely; mean over micro-batches',
    format: 'share',
    chart: 'mean_token_accuracy',
    better: 'higher',
  },
  eval_mean_token_accuracy: {
    label: 'Token accuracy, evaluation',
    help: 'the same over the rows held out',
    format: 'share',
    chart: 'mean_token_accuracy',
    colour: 1,
    sometimes: true,
    better: 'higher',
  },
  entropy: {
    label: 'Entropy',
    help: 'of what the model expects at learned tokens, in nats; mean over micro-batches',
    format: 'number',
    chart: 'entropy',
  },
  eval_entropy: {
    label: 'Entropy, evaluation',
    help: 'the same over the rows held out',
    format: 'number',
    chart: 'entropy',
    colour: 1,
    sometimes: true,
  },
  num_tokens: { label: 'Tokens', help: 'since the start, prompts included', format: 'count' },
  target_tokens: { label: 'Learned tokens', help: 'learned from since the last line', format: 'count' },
  tokens_per_second: {
    label: 'Tokens per second',
    help: 'reckoned from the two before',
    format: 'count',
    chart: 'tokens_per_second',
    colour: 5,
    derived: true,
  },
  seconds: { label: 'Seconds of steps', help: 'taken by the steps since the last line', format: 'seconds' },
  elapsed_seconds: { label: 'Seconds', help: 'since the engine began', format: 'seconds' },
} as const satisfies Readonly<Record<string, MetricNotes>>;

export type MetricName = keyof typeof CATALOGUE;
/** What was measured at one point; a metric that was not is absent. */
export type MetricValues = { readonly [N in MetricName]?: number };
/** After so many optimiser steps. */
export interface MetricPoint {
  readonly step: number;
  readonly values: MetricValues;
}

export const METRICS: Readonly<Record<MetricName, MetricNotes>> = CATALOGUE;
export const METRIC_NAMES = Object.keys(CATALOGUE) as readonly MetricName[];
/** What the engine tells. */
export const TOLD_METRICS = METRIC_NAMES.filter((name) => METRICS[name].derived === undefined);
/** What charts show, in the order of the catalogue. */
export const DRAWN_METRICS = METRIC_NAMES.filter((name) => METRICS[name].chart !== undefined);
/** The one that a run is watched for: of the list's small curve and of the figures beside a run's name. */
export const MAIN_METRIC = 'loss' satisfies MetricName;

export const metricValuesSchema = z.partialRecord(z.enum(METRIC_NAMES), z.number());
export const metricPointSchema = z.object({ step: z.int(), values: metricValuesSchema });

/** For the terminal: `2.3019`, `1.00e-4`, `12,345`, `41.2 %`. */
export function metricText(name: MetricName, value: number): string {
  switch (METRICS[name].format) {
    case 'number':
      return value.toFixed(4);
    case 'rate':
      return value.toExponential(2);
    case 'count':
      return grouped(value);
    case 'share':
      return `${(100 * value).toFixed(1)} %`;
    case 'seconds':
      return duration(value);
  }
}
