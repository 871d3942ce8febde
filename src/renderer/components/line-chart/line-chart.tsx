import { Group, Switch, Text } from '@mantine/core';
import { useComputedColorScheme } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount, formatNumber } from '../../lib/format.ts';
import { ChartTable } from './chart-table.tsx';
import type { LineChartProps } from './chart-props.ts';
import classes from './line-chart.module.css';
import { Plot } from './plot.tsx';

/** Curves over a common x axis: values under the cursor, drag to zoom, double-click to see all, or the same as a table. */
export function LineChart(props: LineChartProps) {
  const { label, series, formatY = formatNumber } = props;
  const { t } = useTranslation();
  const scheme = useComputedColorScheme('light');
  const [asTable, setAsTable] = useState(false);
  const main = series.at(-1);
  // A series may have gaps, at its end too.
  const at = main?.y.findLastIndex((value) => value !== null) ?? -1;
  const summary = main === undefined || at === -1
    ? t('chart.empty', { label })
    : t('chart.summary', { label, series: main.label, value: formatY(main.y[at]!), x: formatCount(main.x[at]!), axis: props.xLabel });
  return (
    <section className={classes['chart']} aria-label={label}>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text fw={600} size="sm">{label}</Text>
        <Switch label={t('chart.asTable')} checked={asTable} onChange={(event) => setAsTable(event.currentTarget.checked)} />
      </Group>
      {asTable
        ? <ChartTable {...props} formatY={formatY} />
        // Colours are read when the plot is made.
        : <Plot key={scheme} {...props} formatY={formatY} summary={summary} />}
    </section>
  );
}
