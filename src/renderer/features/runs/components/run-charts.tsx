import { Card, Group, SegmentedControl, SimpleGrid, Slider, Text } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CHART_NAMES, MAIN_CHART, type ChartName } from '../../../../shared/domain/metrics.ts';
import type { ChartSeries } from '../../../components/line-chart/chart-props.ts';
import { LineChart } from '../../../components/line-chart/line-chart.tsx';
import { useMetricText } from '../../../i18n/metric-words.ts';
import { formatCount } from '../../../lib/format.ts';
import type { RunCurves } from '../../../lib/run-curves.ts';
import { smoothingFor, windowOf } from '../../../lib/smoothing.ts';
import { chartFormat, metricSeries } from '../metric-series.ts';
import classes from './run-page.module.css';

export interface RunChartsProps {
  readonly runId: string;
  readonly curves: RunCurves;
  /** The curves change in place; this tells when. */
  readonly version: number;
  readonly checkpoints: readonly number[];
  /** Planned; 0 until the engine has said. */
  readonly totalSteps: number;
}

/** What was measured over one axis of steps, a chart for what belongs together, with one crosshair. */
export const RunCharts = memo(function RunCharts({ runId, curves, version, checkpoints, totalSteps }: RunChartsProps) {
  const { t } = useTranslation('runs');
  const text = useMetricText();
  // Null until a person has chosen: then it goes by the length of the run.
  const [chosen, setSmoothing] = useState<number | null>(null);
  const smoothing = chosen ?? smoothingFor(totalSteps);
  const [scale, setScale] = useState<'linear' | 'log'>('linear');
  const marks = checkpoints.join();
  const markers = useMemo(
    () =>
      marks === '' ? [] : marks.split(',').map((step) => ({ x: Number(step), label: t('checkpoints.mark', { step: formatCount(Number(step)) }) })),
    [marks, t],
  );
  const series = useMemo(
    () =>
      Object.fromEntries(
        CHART_NAMES.map((name) => {
          const all = metricSeries(curves, name, text);
          return [
            name,
            name === MAIN_CHART ? withSmoothed(all, { label: t('charts.smoothed'), x: curves.step, y: curves.smoothed(smoothing) }) : all,
          ];
          // The columns are the same objects, longer.
          // oxlint-disable-next-line react-hooks/exhaustive-deps
        }),
      ),
    [curves, version, smoothing, t],
  );
  const chart = (name: ChartName) => ({
    label: text.chart(name),
    yLabel: text.axis(name),
    series: series[name]!,
    formatY: chartFormat(name),
    xLabel: t('charts.step'),
    xEnd: totalSteps === 0 ? null : totalSteps,
    syncKey: `run-${runId}`,
    markers,
  });
  return (
    <div className={classes['charts']}>
      <Card>
        <LineChart {...chart(MAIN_CHART)} yScale={scale} height={280} />
        <Group gap="md" mt="xs">
          <Text size="xs" c="dimmed" id="smoothing">
            {t('charts.smoothing')}
          </Text>
          <Slider
            w={160}
            min={0}
            max={0.99}
            step={0.01}
            value={smoothing}
            onChange={setSmoothing}
            label={(value) => t('charts.over', { count: windowOf(value) })}
            size="sm"
            thumbLabel={t('charts.smoothing')}
          />
          <Text size="xs" c="dimmed" className="numeric" miw={90}>
            {t('charts.over', { count: windowOf(smoothing) })}
          </Text>
          <SegmentedControl
            value={scale}
            onChange={(value) => setScale(value === 'log' ? 'log' : 'linear')}
            aria-label={t('charts.scale')}
            data={[
              { value: 'linear', label: t('charts.linear') },
              { value: 'log', label: t('charts.log') },
            ]}
          />
          <Text size="xs" c="dimmed">
            {t('charts.zoom')}
          </Text>
        </Group>
      </Card>
      <SimpleGrid cols={{ base: 1, lg: 3 }} mt="md">
        {CHART_NAMES.filter((name) => name !== MAIN_CHART && series[name]!.length > 0).map((name) => (
          <Card key={name}>
            <LineChart {...chart(name)} height={180} />
          </Card>
        ))}
      </SimpleGrid>
    </div>
  );
});

/** Each step faintly, then what the eye should follow. */
function withSmoothed([each, ...others]: readonly ChartSeries[], smoothed: ChartSeries): readonly ChartSeries[] {
  return [
    { ...each!, color: 'chart-faint', width: 1.25 },
    ...others.map((other) => ({ ...other, width: 2 })),
    { ...smoothed, color: 'chart-1', width: 2, sparse: true },
  ];
}
