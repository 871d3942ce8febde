import { ActionIcon, Collapse, Group, Stack, Table, Text, Title, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Generation } from '../../../../shared/domain/generation.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { formatRelativeTime } from '../../../lib/format.ts';
import { useForget, useHistory } from '../queries.ts';
import { nameOf, type ColumnName } from '../columns.ts';
import classes from './bench.module.css';
import { useColumnTitle } from './use-column-title.ts';

export interface HistoryProps {
  readonly runs: readonly RunSummary[];
  /** Id of the record on the screen. */
  readonly shown: string | null;
  readonly disabled: boolean;
  readonly onRestore: (generation: Generation) => void;
}

/** What was asked before, newest first; a click brings everything back. */
export function History({ runs, shown, disabled, onRestore }: HistoryProps) {
  const { t } = useTranslation('compare');
  const [open, { toggle }] = useDisclosure(true);
  const history = useHistory();
  const forget = useForget();
  const error = history.error ?? forget.error;
  if (error !== null) return <ErrorNotice error={appErrorOf(error)} onRetry={() => void history.refetch()} />;
  if (history.data === undefined) return null;
  return (
    <Stack gap="xs">
      <UnstyledButton onClick={toggle} aria-expanded={open}>
        <Group gap={6}>
          {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
          <Title order={2}>{t('history.title')}</Title>
          <Text c="dimmed" component="span">
            {t('history.count', { count: history.data.length })}
          </Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={open}>
        {history.data.length === 0 ? (
          <Text c="dimmed">{t('history.empty')}</Text>
        ) : (
          <div className={classes['history']} tabIndex={0} role="group" aria-label={t('history.title')}>
            <Table highlightOnHover layout="fixed">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('history.prompt')}</Table.Th>
                  <Table.Th w="20%">{t('history.model')}</Table.Th>
                  <Table.Th w="28%">{t('history.columns')}</Table.Th>
                  <Table.Th w={130}>{t('history.time')}</Table.Th>
                  <Table.Th w={44} aria-label={t('history.actions')} />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {history.data.map((each) => (
                  <Row
                    key={each.id}
                    generation={each}
                    runs={runs}
                    shown={each.id === shown}
                    disabled={disabled}
                    onRestore={onRestore}
                    onForget={() => forget.mutate({ id: each.id })}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Collapse>
    </Stack>
  );
}

interface RowProps {
  readonly runs: readonly RunSummary[];
  readonly generation: Generation;
  readonly shown: boolean;
  readonly disabled: boolean;
  readonly onRestore: (generation: Generation) => void;
  readonly onForget: () => void;
}

function Row({ generation, runs, shown, disabled, onRestore, onForget }: RowProps) {
  const { t } = useTranslation('compare');
  const { request, modelName, answers, createdAt } = generation;
  // A run is called what it is called now; the recorded title is for runs that are gone.
  const titleOf = useColumnTitle();
  const titles = answers.map(({ column, title }) => titleOf(atStep(nameOf(column, runs), title), title)).join(', ');
  return (
    <Table.Tr {...(shown ? { 'aria-current': 'true' as const, bg: 'var(--ts-accent-soft)' } : {})}>
      <Table.Td>
        <UnstyledButton
          className={classes['restore']}
          disabled={disabled}
          onClick={() => onRestore(generation)}
          aria-label={t('history.restore', { prompt: request.prompt })}
        >
          {request.turns.length > 0 && (
            <Text span size="xs" c="dimmed">
              {t('history.turn', { turn: request.turns.length + 1 })}{' '}
            </Text>
          )}
          {request.prompt}
        </UnstyledButton>
      </Table.Td>
      <Table.Td className={classes['short']} title={modelName}>
        {modelName}
      </Table.Td>
      <Table.Td className={classes['short']} title={titles}>
        {titles}
      </Table.Td>
      <Table.Td className={classes['short']} c="dimmed">
        {formatRelativeTime(createdAt)}
      </Table.Td>
      <Table.Td>
        <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('history.forget', { prompt: request.prompt })} onClick={onForget}>
          <IconTrash size={14} aria-hidden />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  );
}

/** The step is that of the asking: a run may have been trained on since. */
function atStep(name: ColumnName | null, recorded: string): ColumnName | null {
  const step = /step (\d+)$/.exec(recorded)?.[1];
  return name === null || name.kind === 'base' || step === undefined ? name : { ...name, step: Number(step) };
}
