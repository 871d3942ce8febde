import { ActionIcon, Alert, Card, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { InspectedRow } from '../../../../shared/domain/inspection.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { ExactText } from '../../../components/exact-text/exact-text.tsx';
import { RowNumber } from '../../../components/row-number/row-number.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useInspectedRows, WINDOW, type Subject } from '../queries.ts';
import classes from './inspector.module.css';
import { Legend } from './legend.tsx';
import { TokenView } from './token-view.tsx';

export interface RowInspectorProps {
  readonly subject: Subject;
  readonly total: number;
  readonly stamp: string;
  readonly position: number;
  readonly onMove: (position: number) => void;
}

/** One row, token by token, with the text it was rendered to and what of it is learned. */
export function RowInspector({ subject, total, stamp, position: asked, onMove }: RowInspectorProps) {
  const { t } = useTranslation('inspector');
  const position = Math.max(0, Math.min(total - 1, asked));
  const first = Math.floor(position / WINDOW) * WINDOW;
  const window = useInspectedRows(subject, first, stamp);
  const row = window.data?.rows.find((each) => each.row === position) ?? null;
  const dropped = window.data?.dropped.get(position);
  // What was seen last stays in sight while something else is on its way, or has failed.
  const last = useRef<InspectedRow | null>(null);
  if (row !== null && !window.isPlaceholderData) last.current = row;
  const shown = row ?? last.current;
  const stale = window.isPlaceholderData || window.error !== null || dropped !== undefined;
  const move = (to: number) => onMove(Math.max(0, Math.min(total - 1, to)));
  useHotkeys([
    ['[', () => move(position - 1)],
    [']', () => move(position + 1)],
  ]);
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Group gap="xs">
          <ActionIcon variant="default" size="md" aria-label={t('row.previous')} disabled={position === 0} onClick={() => move(position - 1)}>
            <IconChevronLeft size={16} />
          </ActionIcon>
          <RowNumber label={t('row.number')} w={110} total={total} position={position} onMove={move} />
          <Text c="dimmed" className="numeric">
            {t('row.of', { total: formatCount(total) })}
          </Text>
          <ActionIcon variant="default" size="md" aria-label={t('row.next')} disabled={position >= total - 1} onClick={() => move(position + 1)}>
            <IconChevronRight size={16} />
          </ActionIcon>
          <Text size="xs" c="dimmed">
            {t('row.keys')}
          </Text>
        </Group>
        {shown !== null && (
          <div className={classes['shown']} data-stale={stale}>
            <Legend row={shown} />
          </div>
        )}
      </Group>
      <Stack gap="sm">
        {window.error && <ErrorNotice error={appErrorOf(window.error)} onRetry={() => void window.refetch()} />}
        {window.isFetching && shown === null && <Skeleton h={220} />}
        {!window.isPlaceholderData &&
          window.data?.notices.map((notice) => (
            <Text key={notice} size="xs" c="var(--ts-warning)">
              {notice}
            </Text>
          ))}
        {!window.isPlaceholderData && dropped !== undefined && (
          <Alert color="yellow" variant="light">
            {dropped.reason === null ? t('row.dropped', { count: dropped.length }) : t('row.refused', { reason: dropped.reason })}
          </Alert>
        )}
        {shown !== null && (
          <div className={classes['shown']} data-stale={stale}>
            <Tabs defaultValue="tokens">
              <Tabs.List mb="sm">
                <Tabs.Tab value="tokens">{t('tabs.tokens')}</Tabs.Tab>
                <Tabs.Tab value="rendered">{t('tabs.rendered')}</Tabs.Tab>
                <Tabs.Tab value="learned">{t('tabs.learned')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="tokens">
                <TokenView row={shown} />
              </Tabs.Panel>
              <Tabs.Panel value="rendered">
                <pre className={classes['text']} tabIndex={0} aria-label={t('tabs.rendered')}>
                  <ExactText text={shown.rendered} />
                </pre>
              </Tabs.Panel>
              <Tabs.Panel value="learned">
                <Text fw={500} mb={4}>
                  {t('learned')}
                </Text>
                <pre className={classes['text']} data-state="trained">
                  <ExactText text={shown.trainedText} />
                </pre>
                <Text fw={500} mt="sm" mb={4}>
                  {t('masked')}
                </Text>
                <pre className={classes['text']} data-state="masked">
                  <ExactText text={shown.maskedText} />
                </pre>
              </Tabs.Panel>
            </Tabs>
          </div>
        )}
      </Stack>
    </Card>
  );
}
