import { useTranslation } from 'react-i18next';
import { CHARTS, METRICS, type ChartName, type MetricName } from '../../shared/domain/metrics.ts';

/** The English words of metrics and charts: they stand in the catalogue, for the command line says them too. */
export function englishMetricWords(): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...Object.entries(METRICS).map(([name, { label }]) => [`metric/${name}`, label] as const),
    ...Object.entries(CHARTS).flatMap(
      ([name, { label, axis }]) =>
        [
          [`chart/${name}`, label],
          [`axis/${name}`, axis],
        ] as const,
    ),
  ]);
}

export interface MetricText {
  metric(name: MetricName): string;
  chart(name: ChartName): string;
  /** Of a chart's values, with the unit. */
  axis(name: ChartName): string;
}

/** Names of metrics and of their charts in the language of the page. */
export function useMetricText(): MetricText {
  const { i18n } = useTranslation();
  // Keys come from outside the typed catalogue.
  const words = i18n.t as unknown as (key: string, options: { readonly ns: 'metrics' }) => string;
  const word = (kind: 'metric' | 'chart' | 'axis') => (name: string) => words(`${kind}/${name}`, { ns: 'metrics' });
  return { metric: word('metric'), chart: word('chart'), axis: word('axis') };
}
