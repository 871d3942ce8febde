import { Anchor, Group, Progress, Table, Text, Tooltip } from '@mantine/core';
import { IconNote, IconTerminal2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { SortableHead } from '../../../components/sortable-head/sortable-head.tsx';
import { RunStatusBadge } from '../../../components/run-status/run-status-badge.tsx';
import { Sparkline } from '../../../components/sparkline/sparkline.tsx';
import { formatCount, formatDate, formatDuration, formatLoss, formatNumber, formatPercent, formatRelativeTime } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import { secondsTaken, shareDone, type RunsView, type SortKey } from '../view-model.ts';
import { RunMenu } from './run-menu.tsx';
import classes from './runs-table.module.css';

const NOTES_SHOWN = 300;

export interface RunsTableProps {
  readonly runs: readonly RunSummary[];
  readonly sort: RunsView['sort'];
  readonly onSort: (key: SortKey) => void;
}

const COLUMNS: readonly SortKey[] = ['name', 'status', 'progress', 'lastLoss', 'tokensPerSecond', 'subject', 'duration', 'createdAt'];
/** Columns that give way where there is little room; what they tell stands on the run's page. */
const ROOMY: Partial<Record<SortKey, string>> = { tokensPerSecond: classes['roomy']!, duration: classes['roomy']! };

export function RunsTable({ runs, sort, onSort }: RunsTableProps) {
  const { t } = useTranslation('runs');
  return (
    <Table.ScrollContainer minWidth={780} className={classes['scroll']!}>
      <Table highlightOnHover aria-label={t('title')} className={classes['table']!}>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((key) => (
              <SortableHead
                key={key}
                className={key === 'name' ? classes['pinned'] : ROOMY[key]}
                label={t(`columns.${key}`)}
                order={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                onSort={() => onSort(key)}
              />
            ))}
            <Table.Th aria-label={t('columns.actions')} className={classes['actions']!} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
          {runs.length === 0 && (
            <Table.Tr>
              <Table.Td colSpan={COLUMNS.length + 1}>
                <Text c="dimmed" ta="center" p="md">
                  {t('noMatch')}
                </Text>
              </Table.Td>
            </Table.Tr>
          )}
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
      <Table.Td className={classes['pinned']!}>
        <Group gap={6} wrap="nowrap">
          <Anchor component={Link} href={routes.run(run.id)} fw={500} className={classes['name']!} title={run.name}>
            {run.name}
          </Anchor>
          {run.notes !== '' && (
            <Tooltip label={run.notes.slice(0, NOTES_SHOWN)}>
              <IconNote size={14} aria-label={t('notes.there')} className={classes['icon']} />
            </Tooltip>
          )}
          {run.host === 'cli' && (
            <Tooltip label={run.elsewhere === null ? t('fromCommandLine') : t('elsewhere.cli', { pid: run.elsewhere })}>
              <IconTerminal2 size={14} aria-label={t('fromCommandLine')} className={classes['icon']} />
            </Tooltip>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <RunStatusBadge status={run.status} />
      </Table.Td>
      <Table.Td className={classes['progress']!}>
        <Progress value={share * 100} size="sm" aria-label={t('progress.label')} />
        <Text size="xs" c="dimmed" className={`numeric ${classes['when']}`}>
          {[
            run.totalSteps > 0 ? `${formatCount(run.step)}/${formatCount(run.totalSteps)}` : formatPercent(share),
            ...(run.secondsLeft === null ? [] : [t('progress.left', { time: formatDuration(run.secondsLeft) })]),
          ].join(' · ')}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Sparkline values={run.sparkline} label={t('sparkline')} />
          <Text className={`numeric ${classes['loss']}`} span>
            {lossWords(run)}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td className={`numeric ${classes['roomy']}`}>{run.tokensPerSecond === null ? '–' : formatCount(run.tokensPerSecond)}</Table.Td>
      <Table.Td>
        <Text truncate maw={190} title={run.dataset.name}>
          {run.dataset.name}
        </Text>
        <Text truncate maw={190} size="xs" c="dimmed" title={run.model.name}>
          {run.model.name}
        </Text>
      </Table.Td>
      <Table.Td className={`numeric ${classes['roomy']} ${classes['when']}`}>{taken === null ? '–' : formatDuration(taken)}</Table.Td>
      <Table.Td>
        <Tooltip label={formatDate(run.createdAt)}>
          <Text span className={classes['when']!}>
            {formatRelativeTime(run.createdAt)}
          </Text>
        </Tooltip>
      </Table.Td>
      <Table.Td className={classes['actions']!}>
        <RunMenu run={run} />
      </Table.Td>
    </Table.Tr>
  );
}

/** From where to where. */
function lossWords({ sparkline, lastLoss }: RunSummary): string {
  const [first] = sparkline;
  if (lastLoss === null) return '–';
  return first === undefined || sparkline.length < 2 ? formatNumber(lastLoss) : `${formatLoss(first)} → ${formatLoss(lastLoss)}`;
}
