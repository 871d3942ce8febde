import { Anchor, Card, Group, Skeleton, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { Sparkline } from '../../../components/sparkline/sparkline.tsx';
import { formatCount, formatNumber, formatRelativeTime } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import classes from './home.module.css';

const SHOWN = 5;

/** The newest runs, live. */
export function RecentRuns({ runs }: { readonly runs: readonly RunSummary[] | null }) {
  const { t } = useTranslation('home');
  if (runs === null) return <Skeleton height={120} aria-label={t('recent.loading')} />;
  return (
    <Card component="section" aria-label={t('recent.title')} padding="lg">
      <Group justify="space-between" mb={runs.length === 0 ? 4 : 'xs'}>
        <Title order={2}>{t('recent.title')}</Title>
        {runs.length > SHOWN && (
          <Anchor component={Link} href={routes.runs()}>
            {t('recent.all', { count: runs.length })}
          </Anchor>
        )}
      </Group>
      {runs.length === 0 ? (
        <Text c="dimmed">{t('recent.empty')}</Text>
      ) : (
        <Table layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('recent.run')}</Table.Th>
              <Table.Th>{t('recent.trained')}</Table.Th>
              <Table.Th w={170}>{t('recent.status')}</Table.Th>
              <Table.Th w={120}>{t('recent.loss')}</Table.Th>
              <Table.Th w={110} ta="right">
                {t('recent.steps')}
              </Table.Th>
              <Table.Th w={130}>{t('recent.time')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {runs.slice(0, SHOWN).map((run) => (
              <Row key={run.id} run={run} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Row({ run }: { readonly run: RunSummary }) {
  const { t } = useTranslation('home');
  const steps = run.totalSteps > 0 ? t('recent.stepsOf', { step: formatCount(run.step), total: formatCount(run.totalSteps) }) : formatCount(run.step);
  const loss = run.lastLoss === null ? t('recent.noLoss') : t('recent.lossOf', { name: run.name, loss: formatNumber(run.lastLoss) });
  const subject = t('recent.subject', { model: run.model.name, dataset: run.dataset.name });
  return (
    <Table.Tr>
      <Table.Td className={classes['short']}>
        <Anchor component={Link} href={routes.run(run.id)} title={run.name}>
          {run.name}
        </Anchor>
      </Table.Td>
      <Table.Td className={classes['short']} title={subject} c="dimmed">
        {subject}
      </Table.Td>
      <Table.Td>
        <RunStatusBadge status={run.status} />
      </Table.Td>
      <Table.Td>
        <Sparkline values={run.sparkline} label={loss} />
      </Table.Td>
      <Table.Td ta="right" className="numeric">
        {steps}
      </Table.Td>
      <Table.Td c="dimmed">{formatRelativeTime(run.createdAt)}</Table.Td>
    </Table.Tr>
  );
}
