import { Button, Group, Menu, Select, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Column } from '../../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../../shared/domain/model.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { routes } from '../../../lib/routes.ts';
import { addColumn, columnKey, MAX_COLUMNS, runOptions, runsOf, type ColumnOption } from '../columns.ts';
import classes from './bench.module.css';

export interface BenchBarProps {
  readonly models: readonly ModelRecord[];
  /** Null where the restored one is gone. */
  readonly model: ModelRecord | null;
  readonly runs: readonly RunSummary[];
  readonly columns: readonly Column[];
  readonly disabled: boolean;
  readonly onModel: (model: ModelRecord) => void;
  readonly onColumns: (columns: readonly Column[]) => void;
}

/** Which model, and what else of it is to answer. */
export function BenchBar({ models, model, runs, columns, disabled, onModel, onColumns }: BenchBarProps) {
  const { t } = useTranslation('compare');
  const own = model === null ? [] : runsOf(model, runs).map(runOptions);
  const full = columns.length >= MAX_COLUMNS;
  const taken = new Set(columns.map(columnKey));
  const item = (option: ColumnOption) => (
    <Menu.Item key={option.key} disabled={taken.has(option.key)} onClick={() => onColumns(addColumn(columns, option.column))}>
      {option.name.kind === 'final'
        ? t('columns.final', { step: option.name.step })
        : option.name.kind === 'checkpoint'
          ? t('columns.checkpoint', { step: option.name.step })
          : t('columns.base')}
    </Menu.Item>
  );
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label={t('model')}
        data={models.map(({ id, name }) => ({ value: id, label: name }))}
        value={model?.id ?? null}
        allowDeselect={false}
        searchable
        disabled={disabled}
        w={300}
        placeholder={t('modelGone')}
        onChange={(id) => {
          const next = models.find((each) => each.id === id);
          if (next !== undefined && next.id !== model?.id) onModel(next);
        }}
      />
      <Menu position="bottom-start" withinPortal disabled={disabled || full}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus size={14} aria-hidden />} disabled={disabled || full || model === null}>
            {t('columns.add')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={classes['menu']}>
          {item({ key: 'base', column: { kind: 'base' }, name: { kind: 'base' } })}
          {own.map(({ runId, name, options }) => [
            <Menu.Label key={runId} className={classes['menuLabel']}>
              {name}
            </Menu.Label>,
            ...options.map(item),
          ])}
        </Menu.Dropdown>
      </Menu>
      {full && <Text c="dimmed">{t('columns.full', { max: MAX_COLUMNS })}</Text>}
      {model !== null && own.length === 0 && (
        <Text c="dimmed" pb={4}>
          {t('noRuns.text')}{' '}
          <Link href={routes.train({ model: model.id })} className={classes['link']}>
            {t('noRuns.action')}
          </Link>
        </Text>
      )}
    </Group>
  );
}
