import { ActionIcon, Badge, Group, Menu, Table, Text, UnstyledButton } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconArrowsDiff, IconDots, IconEye, IconInfoCircle, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { ModelRecord } from '../../../../shared/domain/model.ts';
import { SortableHead } from '../../../components/sortable-head/sortable-head.tsx';
import { formatBytes, formatCompact, formatCount } from '../../../lib/format.ts';
import { routes } from '../../../lib/routes.ts';
import { useModelActions } from '../queries.ts';
import { mainDType, type ModelSort, type ModelsView } from '../view-model.ts';
import { ModelDetails } from './model-details.tsx';
import classes from './models.module.css';

export interface ModelsTableProps {
  readonly models: readonly ModelRecord[];
  readonly sort: ModelsView['sort'];
  readonly onSort: (key: ModelSort) => void;
}

export function ModelsTable({ models, sort, onSort }: ModelsTableProps) {
  const { t } = useTranslation('models');
  const head = (key: ModelSort) => (
    <SortableHead
      label={t(`columns.${key}`)}
      order={sort.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      onSort={() => onSort(key)}
    />
  );
  return (
    <Table.ScrollContainer minWidth={900}>
      <Table highlightOnHover aria-label={t('title')}>
        <Table.Thead>
          <Table.Tr>
            {head('name')}
            <Table.Th>{t('columns.family')}</Table.Th>
            {head('parameters')}
            <Table.Th>{t('columns.dtype')}</Table.Th>
            {head('size')}
            {head('context')}
            <Table.Th>{t('columns.template')}</Table.Th>
            <Table.Th>{t('columns.license')}</Table.Th>
            <Table.Th aria-label={t('columns.actions')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model) => (
            <ModelRow key={model.id} model={model} />
          ))}
          {models.length === 0 && (
            <Table.Tr>
              <Table.Td colSpan={9}>
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

function openDetails(model: ModelRecord, title: string): void {
  modals.open({ title, size: 'xl', children: <ModelDetails model={model} /> });
}

function ModelRow({ model }: { readonly model: ModelRecord }) {
  const { t } = useTranslation('models');
  const { state } = model;
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton className={classes['name']} onClick={() => openDetails(model, model.name)}>
          {model.name}
        </UnstyledButton>
        <Text size="xs" c="dimmed" className={classes['path']!}>
          {model.source === 'folder' ? model.path : t(`sources.${model.source}`)}
        </Text>
      </Table.Td>
      {state.kind === 'usable' ? (
        <>
          <Table.Td>{state.facts.modelType}</Table.Td>
          <Table.Td className="numeric">{formatCompact(state.facts.parameters)}</Table.Td>
          <Table.Td>{mainDType(state.facts.dtypes)}</Table.Td>
          <Table.Td className="numeric">{formatBytes(state.facts.weightBytes)}</Table.Td>
          <Table.Td className="numeric">{formatCount(state.facts.context)}</Table.Td>
          <Table.Td>{state.facts.chatTemplate === null ? t('no') : t('yes')}</Table.Td>
          <Table.Td>{state.facts.license ?? '–'}</Table.Td>
        </>
      ) : (
        <Table.Td colSpan={7}>
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <Badge color="gray" className={classes['badge']!}>
              {t('unusable')}
            </Badge>
            <Text c="dimmed" className={classes['path']!}>
              {state.error.message} {state.error.remedy}
            </Text>
          </Group>
        </Table.Td>
      )}
      <Table.Td ta="right">
        <ModelMenu model={model} />
      </Table.Td>
    </Table.Tr>
  );
}

function ModelMenu({ model }: { readonly model: ModelRecord }) {
  const { t } = useTranslation('models');
  const [, go] = useLocation();
  const { forget } = useModelActions();
  const usable = model.state.kind === 'usable';
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('actions.more', { name: model.name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconInfoCircle size={14} />} onClick={() => openDetails(model, model.name)}>
          {t('actions.details')}
        </Menu.Item>
        <Menu.Item leftSection={<IconEye size={14} />} disabled={!usable} onClick={() => go(routes.inspector({ model: model.id }))}>
          {t('actions.inspect')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPlayerPlay size={14} />} disabled={!usable} onClick={() => go(routes.train({ model: model.id }))}>
          {t('actions.train')}
        </Menu.Item>
        <Menu.Item leftSection={<IconArrowsDiff size={14} />} disabled={!usable} onClick={() => go(routes.compare({ model: model.id }))}>
          {t('actions.compare')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={14} />} onClick={() => forget.mutate(model.id)}>
          {t('actions.forget')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
