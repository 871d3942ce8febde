import { Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountUpdate, DatasetCounts } from '../../../../shared/domain/inspection.ts';
import { client } from '../../../api/client.ts';
import { useLongTask } from '../../../api/use-long-task.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { Histogram } from '../../../components/histogram/histogram.tsx';
import { MaskBar } from '../../../components/mask-bar/mask-bar.tsx';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { Stat } from '../../../components/stat/stat.tsx';
import { formatCompact, formatCount, formatPercent } from '../../../lib/format.ts';
import type { Subject } from '../queries.ts';
import { FindingsList, type FindingsListProps } from './findings-list.tsx';
import classes from './inspector.module.css';

/** Rows up to which the whole dataset is gone through without being asked. */
const BY_ITSELF = 20_000;

/** What a counting found, and of what. */
interface Found {
  readonly of: string;
  readonly counts: DatasetCounts;
  readonly longest: number;
  readonly notices: readonly string[];
}

/** What the whole dataset comes to with these settings. What was found for the settings before stays in sight, dimmed, until then. */
export function CountsPanel({
  subject,
  stamp,
  rows,
  onGo,
  onFix,
}: { readonly subject: Subject; readonly stamp: string; readonly rows: number } & Pick<FindingsListProps, 'onGo' | 'onFix'>) {
  const { t } = useTranslation('inspector');
  const of = JSON.stringify([subject, stamp]);
  const [found, setFound] = useState<Found | null>(null);
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const notices = useRef<readonly string[]>([]);
  const task = useLongTask<CountUpdate>(
    (signal) => {
      notices.current = [];
      setProgress({ done: 0, total: 0 });
      return client.inspector.count(subject, { signal });
    },
    (update) => {
      if (update.kind === 'progress') setProgress(update);
      else if (update.kind === 'notice') notices.current = [...new Set([...notices.current, update.message])];
      else setFound({ of, counts: update.counts, longest: subject.settings.max_length, notices: notices.current });
    },
  );
  const { start, cancel } = task;
  useEffect(() => {
    if (rows <= BY_ITSELF) start();
    else cancel();
  }, [of, rows, start, cancel]);
  const stale = found !== null && found.of !== of;
  return (
    <Card component="section" aria-label={t('counts.title')} aria-busy={task.running}>
      <Title order={2} mb="sm">
        {t('counts.title')}
      </Title>
      <Stack gap="sm">
        {task.error && <ErrorNotice error={task.error} onRetry={start} />}
        {task.running && <ProgressLine label={t('counts.running')} done={progress.done} total={progress.total} onCancel={cancel} />}
        {(found === null || stale) && !task.running && (
          <Button variant="default" onClick={start}>
            {t('counts.start', { rows: formatCount(rows), count: rows })}
          </Button>
        )}
        {found !== null && (
          <Stack gap="sm" className={classes['shown']!} data-stale={stale}>
            <Counted counts={found.counts} longest={found.longest} />
            <FindingsList findings={found.counts.findings} onGo={onGo} onFix={onFix} />
            {found.notices.map((notice) => (
              <Text key={notice} size="xs" c="dimmed">
                {notice}
              </Text>
            ))}
          </Stack>
        )}
      </Stack>
    </Card>
  );
}

function Counted({ counts, longest }: { readonly counts: DatasetCounts; readonly longest: number }) {
  const { t } = useTranslation('inspector');
  const share = counts.tokens === 0 ? 0 : counts.targets / counts.tokens;
  return (
    <>
      <SimpleGrid cols={3} verticalSpacing="xs">
        <Stat label={t('counts.rows')} value={formatCount(counts.rows)} />
        <Stat label={t('counts.setAside')} value={formatCount(counts.setAside)} hint={t('counts.setAsideHint')} />
        <Stat label={t('counts.dropped')} value={formatCount(counts.dropped)} hint={t('counts.droppedHint')} />
        <Stat label={t('counts.truncated')} value={formatCount(counts.truncated)} hint={t('counts.truncatedHint')} />
        <Stat label={t('counts.tokens')} value={formatCompact(counts.tokens)} />
        <Stat label={t('counts.targets')} value={formatCompact(counts.targets)} />
        <Stat label={t('counts.longest')} value={formatCount(counts.longest)} unit={t('counts.tokenUnit')} />
      </SimpleGrid>
      <div>
        <Group justify="space-between">
          <Text size="xs">{t('counts.share', { share: formatPercent(share) })}</Text>
          <Text size="xs" c="dimmed">
            {t('counts.maskedShare', { share: formatPercent(1 - share) })}
          </Text>
        </Group>
        <MaskBar trained={counts.targets} masked={counts.tokens - counts.targets} cut={0} />
      </div>
      <Histogram
        label={t('counts.lengths')}
        edges={counts.lengths.edges}
        counts={counts.lengths.counts}
        xLabel={t('counts.lengthAxis')}
        marker={{ x: longest, label: t('counts.limit', { length: formatCount(longest) }) }}
      />
    </>
  );
}
