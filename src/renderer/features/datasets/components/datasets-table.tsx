import { ActionIcon, Anchor, Badge, Menu, Table, Text, Tooltip } from '@mantine/core';
import { IconDots, IconEye, IconPencil, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import type { DatasetDependents, DatasetSummary } from '../../../../shared/domain/dataset-record.ts';
import { client } from '../../../api/client.ts';
import { confirm } from '../../../components/confirm/confirm.tsx';
import { openRename } from '../../../components/rename/open-rename.tsx';
import { SortableHead } from '../../../components/sortable-head/sortable-head.tsx';
import { formatCount, formatDate, formatRelativeTime } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import { useDatasetActions } from '../queries.ts';
import type { DatasetSort } from '../view-model.ts';

export interface DatasetsTableProps {
  readonly datasets: readonly DatasetSummary[];
  readonly sort: { readonly key: DatasetSort; readonly descending: boolean };
  readonly onSort: (key: DatasetSort) => void;
}

const SORTABLE: readonly DatasetSort[] = ['name', 'rows', 'format', 'updatedAt'];

export function DatasetsTable({ datasets, sort, onSort }: DatasetsTableProps) {
  const { t } = useTranslation('datasets');
  return (
    <Table highlightOnHover aria-label={t('title')}>
      <Table.Thead>
        <Table.Tr>
          {SORTABLE.map((key) => (
            <SortableHead
              key={key}
              label={t(`columns.${key}`)}
              order={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
              onSort={() => onSort(key)}
            />
          ))}
          <Table.Th>{t('columns.state')}</Table.Th>
          <Table.Th>{t('columns.source')}</Table.Th>
          <Table.Th aria-label={t('columns.actions')} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {datasets.map((dataset) => (
          <Table.Tr key={dataset.id}>
            <Table.Td>
              <Anchor component={Link} href={routes.dataset(dataset.id)} fw={500}>
                {dataset.name}
              </Anchor>
            </Table.Td>
            <Table.Td className="numeric">{formatCount(dataset.edits.rows)}</Table.Td>
            <Table.Td>{t(`formats.${dataset.version.format}`)}</Table.Td>
            <Table.Td>
              <Tooltip label={formatDate(dataset.updatedAt)}>
                <Text span>{formatRelativeTime(dataset.updatedAt)}</Text>
              </Tooltip>
            </Table.Td>
            <Table.Td>
              <Badge color="gray">{t('version', { number: dataset.version.number })}</Badge>{' '}
              {dataset.edits.pending > 0 && <Badge color="yellow">{t('pending', { count: dataset.edits.pending })}</Badge>}{' '}
              {dataset.version.badRows > 0 && <Badge color="red">{t('bad', { count: dataset.version.badRows })}</Badge>}
            </Table.Td>
            <Table.Td>
              <Text truncate maw={220}>
                {dataset.sourceName}
              </Text>
            </Table.Td>
            <Table.Td ta="right">
              <DatasetMenu dataset={dataset} />
            </Table.Td>
          </Table.Tr>
        ))}
        {datasets.length === 0 && (
          <Table.Tr>
            <Table.Td colSpan={7}>
              <Text c="dimmed" ta="center" p="md">
                {t('noMatch')}
              </Text>
            </Table.Td>
          </Table.Tr>
        )}
      </Table.Tbody>
    </Table>
  );
}

function DatasetMenu({ dataset }: { readonly dataset: DatasetSummary }) {
  const { t } = useTranslation('datasets');
  const [, go] = useLocation();
  const { rename, remove } = useDatasetActions();
  const onRemove = async () => {
    const message = [t('remove.message', { name: dataset.name }), ...dependentsText(await client.datasets.dependents({ id: dataset.id }), t)].join(
      ' ',
    );
    if (await confirm({ title: t('remove.title'), message, confirmLabel: t('remove.confirm'), danger: true })) remove.mutate(dataset.id);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('actions.more', { name: dataset.name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconEye size={14} />} onClick={() => go(routes.inspector({ dataset: dataset.id }))}>
          {t('actions.inspect')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPlayerPlay size={14} />} onClick={() => go(routes.train({ dataset: dataset.id }))}>
          {t('actions.train')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconPencil size={14} />}
          onClick={() => openRename(t('actions.rename'), dataset.name, (name) => rename.mutate({ id: dataset.id, name }))}
        >
          {t('actions.rename')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} />} color="red" onClick={() => void onRemove()}>
          {t('actions.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const NAMED = 3;

/** What deleting would mean for the runs that were trained on the dataset; nothing where there are none. */
function dependentsText({ runs }: DatasetDependents, t: ReturnType<typeof useTranslation<'datasets'>>['t']): readonly string[] {
  if (runs.length === 0) return [];
  const first = runs
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(', ');
  const names = runs.length > NAMED ? t('remove.andMore', { names: first, more: runs.length - NAMED }) : first;
  const unfinished = runs.filter(({ resumable }) => resumable).length;
  return [t('remove.runs', { count: runs.length, names }), ...(unfinished === 0 ? [] : [t('remove.unresumable', { count: unfinished })])];
}
