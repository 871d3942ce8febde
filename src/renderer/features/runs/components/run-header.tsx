import { Card, Group, Progress, SimpleGrid, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunDetail } from '../../../../shared/domain/run-record.ts';
import { isActive } from '../../../../shared/domain/run.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatBytes, formatCompact, formatCount, formatDuration, formatNumber, formatPercent } from '../../../lib/format.ts';
import { secondsTaken, shareDone } from '../view-model.ts';

/** Where the run stands, in words and figures. */
export function RunHeader({ run }: { readonly run: RunDetail }) {
  const { t } = useTranslation('runs');
  const now = useNow(isActive(run.status));
  const taken = secondsTaken(run, now);
  const share = shareDone(run);
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Group gap="sm">
          <RunStatusBadge status={run.status} />
          <Text className="numeric" c="dimmed">
            {run.totalSteps > 0 ? t('progress.steps', { step: formatCount(run.step), total: formatCount(run.totalSteps), percent: formatPercent(share) }) : t('progress.notYet')}
          </Text>
        </Group>
        <Text className="numeric" c="dimmed">
          {[...(taken === null ? [] : [t('progress.elapsed', { time: formatDuration(taken) })]), ...(run.secondsLeft === null ? [] : [t('progress.left', { time: formatDuration(run.secondsLeft) })])].join(' · ')}
        </Text>
      </Group>
      <Progress value={share * 100} size="md" aria-label={t('progress.label')} />
      {run.status.kind === 'interrupted' && (
        <Text mt="sm">{run.status.resumeFrom === null ? t('interrupted.anew') : t('interrupted.from', { step: formatCount(run.status.resumeFrom) })}</Text>
      )}
      {run.status.kind === 'failed' && <div style={{ marginTop: 12 }}><ErrorNotice error={run.status.error} /></div>}
      <SimpleGrid cols={{ base: 3, md: 4, xl: 8 }} mt="md" spacing="md" verticalSpacing="sm">
        <Stat label={t('facts.loss')} value={run.lastLoss === null ? '–' : formatNumber(run.lastLoss)} hint={t('facts.lossHint')} />
        <Stat label={t('facts.speed')} value={run.tokensPerSecond === null ? '–' : formatCount(run.tokensPerSecond)} unit={t('facts.speedUnit')} />
        <Stat label={t('facts.device')} value={run.started === null ? run.device : run.started.precision} unit={run.started?.device} />
        <Stat label={t('facts.trainable')} value={run.started === null ? '–' : formatCompact(run.started.trainableParameters)} unit={run.started === null ? undefined : t('facts.ofParameters', { share: formatPercent(run.started.trainableParameters / run.started.totalParameters), total: formatCompact(run.started.totalParameters) })} hint={t('facts.trainableHint')} />
        <Stat label={t('facts.rows')} value={run.data === null ? '–' : formatCount(run.data.rows)} unit={run.data === null || run.data.dropped === 0 ? undefined : t('facts.dropped', { count: run.data.dropped })} />
        <Stat label={t('facts.tokens')} value={run.data === null ? '–' : formatCompact(run.data.tokens)} unit={run.data === null ? undefined : t('facts.trained', { share: formatPercent(run.data.targets / Math.max(1, run.data.tokens)) })} hint={t('facts.tokensHint')} />
        <Stat label={t('facts.longest')} value={run.data === null ? '–' : formatCount(run.data.longest)} unit={run.data === null || run.data.truncated === 0 ? t('facts.tokenUnit') : t('facts.truncated', { count: run.data.truncated })} />
        <Stat label={t('facts.memory')} value={run.memory === null ? '–' : formatBytes(run.memory.peak)} hint={t('facts.memoryHint')} />
      </SimpleGrid>
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
