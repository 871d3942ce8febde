import { Button, Group, Stack, Text } from '@mantine/core';
import { IconColumns, IconPlayerPlay, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Starter } from '../../../../shared/contract/starter.ts';
import { MAIN_METRIC } from '../../../../shared/domain/metrics.ts';
import type { RunDetail } from '../../../../shared/domain/run-record.ts';
import type { AppErrorFields } from '../../../../shared/lib/app-error.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { useRunWatch, type WatchedRun } from '../../../api/use-run-watch.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { LineChart } from '../../../components/line-chart/line-chart.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { formatCount, formatNumber } from '../../../lib/format.ts';
import { grant } from '../../../lib/grants.ts';
import { routes } from '../../../lib/routes.ts';
import { smoothingFor } from '../../../lib/smoothing.ts';
import { Explained } from './explained.tsx';
import { rememberRun } from './tour-memory.ts';
import { useResume, useStop } from './tour-queries.ts';
import { tourOutcome } from './tour-state.ts';

export interface TrainingStepProps {
  readonly starter: Starter;
  /** Null while it is being started, or when that has failed. */
  readonly runId: string | null;
  /** Goes to Compare by itself. */
  readonly auto: boolean;
  readonly startError: AppErrorFields | null;
  readonly onAgain: () => void;
}

/** The training itself, live. */
export function TrainingStep({ starter, runId, auto, startError, onAgain }: TrainingStepProps) {
  const { t } = useTranslation('home');
  return (
    <Explained title={t('tour.training.title')} text={t('tour.training.text')}>
      {startError !== null && runId === null && <ErrorNotice error={startError} onRetry={onAgain} />}
      {startError === null && runId === null && <ProgressLine label={t('tour.training.starting')} done={0} total={0} />}
      {runId !== null && <Training key={runId} starter={starter} runId={runId} auto={auto} onAgain={onAgain} />}
    </Explained>
  );
}

function Training({
  starter,
  runId,
  auto,
  onAgain,
}: {
  readonly starter: Starter;
  readonly runId: string;
  readonly auto: boolean;
  readonly onAgain: () => void;
}) {
  const { t } = useTranslation('home');
  const [, navigate] = useLocation();
  const watched = useRunWatch(runId);
  const { run } = watched;
  const stop = useStop();
  const resume = useResume();
  const outcome = run === null ? null : tourOutcome(run.status);
  const compare = routes.compare({ model: starter.model.id, runs: runId, prompt: starter.prompts[0] ?? null, tour: 1 });
  const toCompare = () => {
    // The tour is over: the next one begins anew.
    rememberRun(null);
    grant('tour-question');
    navigate(compare);
  };
  const finished = outcome === 'done' && auto;
  useEffect(() => {
    if (finished) toCompare();
  }, [finished]);
  if (watched.error !== null && run === null) return <ErrorNotice error={watched.error} onRetry={onAgain} />;
  if (run === null) return <ProgressLine label={t('tour.training.starting')} done={0} total={0} />;
  const mutationError = stop.error ?? resume.error;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="sm">
          <RunStatusBadge status={run.status} />
          {run.lastLoss !== null && <Text className="numeric">{t('tour.training.loss', { loss: formatNumber(run.lastLoss) })}</Text>}
          {run.started !== null && (
            <Text c="dimmed" className="numeric">
              {t('tour.training.parameters', {
                trained: formatCount(run.started.trainableParameters),
                all: formatCount(run.started.totalParameters),
              })}
            </Text>
          )}
        </Group>
        <Group gap="xs">
          {outcome === 'training' && (
            <Button
              variant="default"
              leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
              disabled={run.status.kind === 'stopping'}
              onClick={() => stop.mutate({ id: runId })}
            >
              {t('tour.training.stop')}
            </Button>
          )}
          {outcome === 'resumable' && (
            <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} loading={resume.isPending} onClick={() => resume.mutate({ id: runId })}>
              {t('tour.training.resume')}
            </Button>
          )}
          {(outcome === 'resumable' || outcome === 'failed') && (
            <Button variant="default" onClick={onAgain}>
              {t('tour.training.again')}
            </Button>
          )}
          {outcome === 'done' && (
            <Button leftSection={<IconColumns size={14} aria-hidden />} onClick={toCompare}>
              {t('tour.training.compare')}
            </Button>
          )}
        </Group>
      </Group>
      {run.status.kind === 'failed' && <ErrorNotice error={run.status.error} />}
      {mutationError !== null && <ErrorNotice error={appErrorOf(mutationError)} />}
      {outcome === 'training' && <Progress run={run} phase={watched.progress} />}
      <TourChart watched={watched} totalSteps={run.totalSteps} />
    </Stack>
  );
}

function TourChart({ watched: { curves, drawn }, totalSteps }: { readonly watched: WatchedRun; readonly totalSteps: number }) {
  const { t } = useTranslation('home');
  const series = useMemo(() => {
    const { step } = curves;
    return [
      { label: t('tour.training.each'), color: 'chart-faint' as const, width: 1.25, x: step, y: curves.column(MAIN_METRIC) },
      { label: t('tour.training.smoothed'), color: 'chart-1' as const, width: 2, x: step, y: curves.smoothed(smoothingFor(totalSteps)) },
    ];
    // The columns are the same objects, longer.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [curves, drawn, totalSteps, t]);
  return (
    <LineChart
      label={t('tour.training.chart')}
      height={240}
      xLabel={t('tour.training.steps')}
      xEnd={totalSteps === 0 ? null : totalSteps}
      yLabel={t('tour.training.lossUnit')}
      series={series}
    />
  );
}

function Progress({ run, phase }: { readonly run: RunDetail; readonly phase: WatchedRun['progress'] }) {
  const { t } = useTranslation('home');
  if (run.totalSteps > 0 && run.step > 0)
    return (
      <ProgressLine
        label={t('tour.training.progress', { step: formatCount(run.step), total: formatCount(run.totalSteps) })}
        done={run.step}
        total={run.totalSteps}
        secondsLeft={run.secondsLeft}
      />
    );
  if (phase !== null) return <ProgressLine key={phase.phase} label={t(`tour.phase.${phase.phase}`)} done={phase.done} total={phase.total} />;
  return <ProgressLine label={t('tour.training.starting')} done={0} total={0} />;
}
