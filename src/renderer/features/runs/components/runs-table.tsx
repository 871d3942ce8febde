import { Anchor, Group, Progress, Table, Text, Tooltip } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { SortableHead } from '../../../components/sortable-head/sortable-head.tsx';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { Sparkline } from '../../../components/sparkline/sparkline.tsx';
import { formatCount, formatDate, formatDuration, formatNumber, formatPercent, formatRelativeTime } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import { secondsTaken, shareDone, type RunsView, type SortKey } from '../view-model.ts';
import { RunMenu } from './run-menu.tsx';
import classes from './runs-table.module.css';

export interface RunsTableProps {
  readonly runs: readonly RunSummary[];
  readonly sort: RunsView['sort'];
  readonly onSort: (key: SortKey) => void;
}

const COLUMNS: readonly SortKey[] = ['name', 'status', 'progress', 'lastLoss', 'tokensPerSecond', 'model', 'dataset', 'duration', 'createdAt'];

export function RunsTable({ runs, sort, onSort }: RunsTableProps) {
  const { t } = useTranslation('runs');
  return (
    <Table.ScrollContainer minWidth={1000}>
      <Table highlightOnHover aria-label={t('title')}>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((key) => <SortableHead key={key} label={t(`columns.${key}`)} order={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'} onSort={() => onSort(key)} />)}
            <Table.Th aria-label={t('columns.actions')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => <RunRow key={run.id} run={run} />)}
          {runs.length === 0 && <Table.Tr><Table.Td colSpan={COLUMNS.length + 1}><Text c="dimmed" ta="center" p="md">{t('noMatch')}</Text></Table.Td></Table.Tr>}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function RunRow({ run }: { readonly run: RunSummary }) {
  const { t } = useTranslation('runs');
  const share = shareDone(run);
  const taken = secondsTaken(run, Date.now());
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <Anchor component={Link} href={routes.run(run.id)} fw={500} className={classes['name']!}>{run.name}</Anchor>
          {run.host === 'cli' && <Tooltip label={t('fromCommandLine')}><IconTerminal2 size={14} aria-label={t('fromCommandLine')} /></Tooltip>}
        </Group>
      </Table.Td>
      <Table.Td><RunStatusBadge status={run.status} /></Table.Td>
      <Table.Td className={classes['progress']!}>
        <Progress value={share * 100} size="sm" aria-label={t('progress.label')} />
        <Text size="xs" c="dimmed" className="numeric">
          {[run.totalSteps > 0 ? `${formatCount(run.step)}/${formatCount(run.totalSteps)}` : formatPercent(share), ...(run.secondsLeft === null ? [] : [t('progress.left', { time: formatDuration(run.secondsLeft) })])].join(' · ')}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Sparkline values={run.sparkline} label={t('sparkline')} />
          <Text className="numeric" span>{run.lastLoss === null ? '–' : formatNumber(run.lastLoss)}</Text>
        </Group>
      </Table.Td>
      <Table.Td className="numeric" ta="right">{run.tokensPerSecond === null ? '–' : formatCount(run.tokensPerSecond)}</Table.Td>
      <Table.Td><Text truncate maw={180}>{run.model.name}</Text></Table.Td>
      <Table.Td><Text truncate maw={180}>{run.dataset.name}</Text></Table.Td>
      <Table.Td className="numeric">{taken === null ? '–' : formatDuration(taken)}</Table.Td>
      <Table.Td><Tooltip label={formatDate(run.createdAt)}><Text span className={classes['when']!}>{formatRelativeTime(run.createdAt)}</Text></Tooltip></Table.Td>
      <Table.Td><RunMenu run={run} /></Table.Td>
    </Table.Tr>
  );
}
