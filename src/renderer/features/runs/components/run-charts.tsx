import { Card, Group, SegmentedControl, SimpleGrid, Slider, Text } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LineChart } from '../../../components/line-chart/line-chart.tsx';
import { formatCount, formatNumber } from '../../../lib/format.ts';
import type { RunCurves } from '../../../lib/run-curves.ts';
import { smoothingFor, windowOf } from '../../../lib/smoothing.ts';
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

/** Loss, learning rate, gradient norm and speed over one axis of steps, with one crosshair. */
export const RunCharts = memo(function RunCharts({ runId, curves, version, checkpoints, totalSteps }: RunChartsProps) {
  const { t } = useTranslation('runs');
  // Null until a person has chosen: then it goes by the length of the run.
  const [chosen, setSmoothing] = useState<number | null>(null);
  const smoothing = chosen ?? smoothingFor(totalSteps);
  const [scale, setScale] = useState<'linear' | 'log'>('linear');
  const marks = checkpoints.join();
  const markers = useMemo(() => (marks === '' ? [] : marks.split(',').map((step) => ({ x: Number(step), label: t('checkpoints.mark', { step: formatCount(Number(step)) }) }))), [marks, t]);
  const series = useMemo(() => {
    const { step, loss, gradNorm, learningRate, tokensPerSecond } = curves.columns;
    return {
      loss: [
        { label: t('charts.loss'), x: step, y: loss, color: 'chart-faint' as const, width: 1.25 },
        { label: t('charts.smoothed'), x: step, y: curves.smoothedLoss(smoothing), color: 'chart-1' as const, width: 2 },
      ],
      learningRate: [{ label: t('charts.learningRate'), x: step, y: learningRate, color: 'chart-3' as const }],
      gradNorm: [{ label: t('charts.gradNorm'), x: step, y: gradNorm, color: 'chart-2' as const }],
      speed: [{ label: t('charts.speed'), x: step, y: tokensPerSecond, color: 'chart-6' as const }],
    };
    // The columns are the same objects, longer.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [curves, version, smoothing, t]);
  const common = { xLabel: t('charts.step'), xEnd: totalSteps === 0 ? null : totalSteps, syncKey: `run-${runId}`, markers };
  return (
    <div className={classes['charts']}>
      <Card>
        <LineChart {...common} label={t('charts.loss')} yLabel={t('charts.lossUnit')} series={series.loss} yScale={scale} height={280} />
        <Group gap="md" mt="xs">
          <Text size="xs" c="dimmed" id="smoothing">{t('charts.smoothing')}</Text>
          <Slider w={160} min={0} max={0.99} step={0.01} value={smoothing} onChange={setSmoothing} label={(value) => t('charts.over', { count: windowOf(value) })} size="sm" thumbLabel={t('charts.smoothing')} />
          <Text size="xs" c="dimmed" className="numeric" miw={90}>{t('charts.over', { count: windowOf(smoothing) })}</Text>
          <SegmentedControl value={scale} onChange={(value) => setScale(value === 'log' ? 'log' : 'linear')} aria-label={t('charts.scale')}
            data={[{ value: 'linear', label: t('charts.linear') }, { value: 'log', label: t('charts.log') }]} />
          <Text size="xs" c="dimmed">{t('charts.zoom')}</Text>
        </Group>
      </Card>
      <SimpleGrid cols={{ base: 1, lg: 3 }} mt="md">
        <Card><LineChart {...common} label={t('charts.learningRate')} yLabel={t('charts.learningRate')} series={series.learningRate} formatY={formatNumber} height={180} /></Card>
        <Card><LineChart {...common} label={t('charts.gradNorm')} yLabel={t('charts.gradNormUnit')} series={series.gradNorm} height={180} /></Card>
        <Card><LineChart {...common} label={t('charts.speed')} yLabel={t('charts.speedUnit')} series={series.speed} formatY={formatCount} height={180} /></Card>
      </SimpleGrid>
    </div>
  );
});
