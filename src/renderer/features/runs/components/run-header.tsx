import { Card, Group, Progress, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunDetail } from '../../../../shared/domain/run-record.ts';
import { isActive } from '../../../../shared/domain/run.ts';
import type { Drawn, WatchedRun } from '../../../api/use-run-watch.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { formatCount, formatDuration, formatPercent } from '../../../lib/format.ts';
import { secondsTaken, shareDone } from '../view-model.ts';
import { RunFacts } from './run-facts.tsx';
import { RunLoss } from './run-loss.tsx';
import classes from './run-page.module.css';

/** Where the run stands, in words and figures: the loss first, what it is made of after it. */
export function RunHeader({ run, drawn, phase }: { readonly run: RunDetail; readonly drawn: Drawn; readonly phase: WatchedRun['progress'] }) {
  const { t } = useTranslation('runs');
  const now = useNow(isActive(run.status));
  const taken = secondsTaken(run, now);
  // Before the first step the same line tells what is being made ready, so that nothing below it moves.
  const preparing = run.status.kind === 'preparing' && phase !== null ? phase : null;
  const evaluating = run.status.kind === 'running' && phase?.phase === 'evaluating' && phase.total > 0 ? phase : null;
  const share = preparing === null ? shareDone(run) : preparing.total > 0 ? Math.min(1, preparing.done / preparing.total) : 0;
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Group gap="sm">
          <RunStatusBadge status={run.status} />
          <Text className="numeric" c="dimmed">
            {preparing !== null
              ? `${t(`phases.${preparing.phase}`)} · ${formatPercent(share)}`
              : run.totalSteps > 0
                ? t('progress.steps', { step: formatCount(run.step), total: formatCount(run.totalSteps), percent: formatPercent(share) })
                : t('progress.notYet')}
            {evaluating !== null && ` · ${t('phases.evaluating')} ${formatPercent(evaluating.done / evaluating.total)}`}
          </Text>
        </Group>
        <Text className="numeric" c="dimmed">
          {[
            ...(taken === null ? [] : [t('progress.elapsed', { time: formatDuration(taken) })]),
            ...(run.secondsLeft === null ? [] : [t('progress.left', { time: formatDuration(run.secondsLeft) })]),
          ].join(' · ')}
        </Text>
      </Group>
      <Progress value={share * 100} size="md" aria-label={preparing === null ? t('progress.label') : t(`phases.${preparing.phase}`)} />
      {run.status.kind === 'interrupted' && (
        <Text mt="sm">
          {run.status.resumeFrom === null ? t('interrupted.anew') : t('interrupted.from', { step: formatCount(run.status.resumeFrom) })}
        </Text>
      )}
      {run.status.kind === 'failed' && (
        <div style={{ marginTop: 12 }}>
          <ErrorNotice error={run.status.error} />
        </div>
      )}
      <div className={classes['figures']}>
        <RunLoss first={drawn.firstLoss} last={run.lastLoss} />
        <RunFacts run={run} />
      </div>
    </Card>
  );
}

/** The time, each second while somebody needs it. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
