/** @file Curves of a run as series of a chart, by the catalogue of metrics. */
import { CHARTS, DRAWN_METRICS, METRICS, type ChartName, type MetricFormat } from '../../../shared/domain/metrics.ts';
import type { ChartSeries } from '../../components/line-chart/chart-props.ts';
import type { MetricText } from '../../i18n/metric-words.ts';
import { CHART_SERIES } from '../../theme/tokens.ts';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../lib/format.ts';
import type { RunCurves } from '../../lib/run-curves.ts';

const FORMATS: Readonly<Record<MetricFormat, (value: number) => string>> = {
  number: formatNumber,
  rate: formatNumber,
  count: formatCount,
  share: formatPercent,
  seconds: formatDuration,
};

/** How values of a chart are written. */
export function chartFormat(chart: ChartName): (value: number) => string {
  return FORMATS[CHARTS[chart].format];
}

/** What has been measured of a chart; a chart without anything still has the curves that every run has. */
export function metricSeries(curves: RunCurves, chart: ChartName, text: MetricText): readonly ChartSeries[] {
  return DRAWN_METRICS.filter(
    (name) => METRICS[name].chart === chart && (METRICS[name].sometimes === undefined || curves.column(name).length > 0),
  ).map((name) => ({
    label: text.metric(name),
    x: curves.step,
    y: curves.column(name),
    color: CHART_SERIES[METRICS[name].colour ?? 0]!,
    sparse: true,
  }));
}
