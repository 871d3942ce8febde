import { expect, expectTypeOf, it } from 'vitest';
import {
  CHART_NAMES,
  DRAWN_METRICS,
  METRIC_NAMES,
  METRICS,
  metricPointSchema,
  metricText,
  TOLD_METRICS,
  type MetricName,
  type MetricValues,
} from './metrics.ts';

it('every line of the catalogue flows: into values, charts and words, with no other list to write it in', () => {
  expectTypeOf<keyof MetricValues>().toEqualTypeOf<MetricName>();
  for (const name of METRIC_NAMES) {
    const point = { step: 1, values: { [name]: 0.5 } };
    expect(metricPointSchema.parse(point)).toEqual(point);
    expect(metricText(name, 0.5)).not.toBe('');
    expect(METRICS[name].chart === undefined || CHART_NAMES.includes(METRICS[name].chart)).toBe(true);
  }
  expect(CHART_NAMES.filter((chart) => !DRAWN_METRICS.some((name) => METRICS[name].chart === chart))).toEqual([]);
  expect(METRIC_NAMES.filter((name) => !TOLD_METRICS.includes(name))).toEqual(['tokens_per_second']);
});

it('a point is refused that holds what no metric is, and one of nothing is a step that was done', () => {
  expect(metricPointSchema.safeParse({ step: 1, values: { lost: 1 } }).success).toBe(false);
  expect(metricPointSchema.safeParse({ step: 1, values: { loss: 'small' } }).success).toBe(false);
  expect(metricPointSchema.parse({ step: 1, values: {} })).toEqual({ step: 1, values: {} });
});

it('the terminal writes each by its format', () => {
  expect([metricText('loss', 2.30192), metricText('learning_rate', 1e-4), metricText('num_tokens', 12_345)]).toEqual(['2.3019', '1.00e-4', '12,345']);
});
