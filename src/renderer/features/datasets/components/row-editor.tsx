import { ActionIcon, Autocomplete, Button, Group, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CanonicalRow } from '../../../../shared/domain/dataset.ts';
import type { DatasetRow, RowEdit } from '../../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { client } from '../../../api/client.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { formatCount } from '../../../lib/format.ts';
import { useRowEdits } from '../queries.ts';
import { partsOf, withPart, withTurns } from '../view-model.ts';
import classes from './datasets.module.css';

export interface RowEditorProps {
  readonly datasetId: string;
  /** The version that the row is of. */
  readonly versionId: string;
  /** A row of the dataset, or one that is not yet in it. */
  readonly first: DatasetRow | { readonly key: null; readonly row: CanonicalRow };
  readonly onClose: () => void;
  /** Another row has come into the editor. */
  readonly onMove?: (position: number) => void;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

/** A row's parts to be written, and the way to its neighbours; nothing is kept before it is saved or left for another row. */
export function RowEditor({ datasetId, versionId, first, onClose, onMove }: RowEditorProps) {
  const { t } = useTranslation('datasets');
  const [entry, setEntry] = useState(first);
  const [row, setRow] = useState<CanonicalRow>(first.row);
  const { edit } = useRowEdits(datasetId, versionId);
  const save = (then: () => void) => {
    const change: RowEdit = entry.key === null ? { kind: 'add', row } : { kind: 'replace', key: entry.key, row };
    if (entry.key !== null && row === entry.row) return then();
    return edit.mutate(change, { onSuccess: then });
  };
  const step = async (by: number) => {
    if (entry.key === null || entry.position + by < 0) return;
    const next = (await client.datasets.rows({ id: datasetId, offset: entry.position + by, limit: 1 })).rows[0];
    if (next === undefined) return;
    save(() => {
      setEntry(next);
      setRow(next.row);
      onMove?.(next.position);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save(onClose);
    else if (event.altKey && event.key === 'ArrowDown') void step(1);
    else if (event.altKey && event.key === 'ArrowUp') void step(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Stack gap="sm" onKeyDown={onKeyDown}>
      {entry.key !== null && <Place entry={entry} onStep={(by) => void step(by)} />}
      <Parts key={entry.key} row={row} onChange={setRow} />
      <div className={classes['editorFooter']}>
        {edit.error && <ErrorNotice error={appErrorOf(edit.error)} />}
        <Group justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed">
            {t('editor.hint')}
          </Text>
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button onClick={() => save(onClose)} loading={edit.isPending}>
              {entry.key === null ? t('editor.add') : t('save')}
            </Button>
          </Group>
        </Group>
      </div>
    </Stack>
  );
}

function Place({ entry: { position, row, change }, onStep }: { readonly entry: DatasetRow; readonly onStep: (by: number) => void }) {
  const { t } = useTranslation('datasets');
  const place =
    change === 'added'
      ? t('editor.title', { row: formatCount(position + 1) })
      : t('editor.titleOfFile', { row: formatCount(position + 1), source: formatCount(row.source) });
  return (
    <Group justify="space-between">
      <Text c="dimmed" aria-live="polite">
        {place}
      </Text>
      <Group gap={4}>
        <Tooltip label={t('editor.previous')}>
          <ActionIcon variant="default" aria-label={t('editor.previous')} disabled={position === 0} onClick={() => onStep(-1)}>
            <IconChevronUp size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('editor.next')}>
          <ActionIcon variant="default" aria-label={t('editor.next')} onClick={() => onStep(1)}>
            <IconChevronDown size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

function Parts({ row, onChange }: { readonly row: CanonicalRow; readonly onChange: (row: CanonicalRow) => void }) {
  const { t } = useTranslation('datasets');
  const isChat = row.kind === 'messages' || row.kind === 'chat-prompt-completion';
  const parts = partsOf(row);
  return (
    <>
      {parts.map((part, i) => (
        // Parts have no name of their own; a removed one takes its state along.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={i} className={isChat ? classes['turn'] : undefined}>
          {isChat && (
            <Group justify="space-between" mb={6}>
              <Autocomplete
                aria-label={t('editor.role', { turn: i + 1 })}
                value={part.role}
                data={ROLES}
                w={180}
                onChange={(role) => onChange(withPart(row, i, { ...part, role }))}
              />
              <ActionIcon aria-label={t('editor.removeTurn', { turn: i + 1 })} onClick={() => onChange(withTurns(row, { kind: 'remove', index: i }))}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          )}
          <Textarea
            {...(isChat ? { 'aria-label': t('editor.turn', { turn: i + 1 }) } : { label: part.role })}
            value={part.text}
            autosize
            minRows={2}
            maxRows={16}
            lang=""
            data-autofocus={i === 0 ? true : undefined}
            onChange={(event) => onChange(withPart(row, i, { ...part, text: event.currentTarget.value }))}
          />
        </div>
      ))}
      {isChat && (
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange(withTurns(row, { kind: 'add', role: parts.at(-1)?.role === 'user' ? 'assistant' : 'user' }))}
          >
            {t('editor.addTurn')}
          </Button>
        </Group>
      )}
    </>
  );
}
