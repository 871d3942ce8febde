import { ActionIcon, Autocomplete, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CanonicalRow } from '../../../../shared/domain/dataset.ts';
import type { RowEdit } from '../../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../../api/app-error.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { useRowEdits } from '../queries.ts';
import { partsOf, withPart, withTurns } from '../view-model.ts';
import classes from './datasets.module.css';

export interface RowEditorProps {
  readonly datasetId: string;
  /** Null adds a row. */
  readonly rowKey: number | null;
  readonly row: CanonicalRow;
  readonly onClose: () => void;
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

/** A row's parts to be written; nothing is kept before it is saved. */
export function RowEditor({ datasetId, rowKey, row: first, onClose }: RowEditorProps) {
  const { t } = useTranslation('datasets');
  const [row, setRow] = useState(first);
  const { edit } = useRowEdits(datasetId);
  const isChat = row.kind === 'messages' || row.kind === 'chat-prompt-completion';
  const save = () => {
    const change: RowEdit = rowKey === null ? { kind: 'add', row } : { kind: 'replace', key: rowKey, row };
    edit.mutate(change, { onSuccess: onClose });
  };
  return (
    <Stack gap="sm" onKeyDown={(event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    }}>
      {partsOf(row).map((part, i) => (
        // Parts have no name of their own; a removed one takes its state along.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={i} className={isChat ? classes['turn'] : undefined}>
          {isChat && (
            <Group justify="space-between" mb={6}>
              <Autocomplete aria-label={t('editor.role', { turn: i + 1 })} value={part.role} data={ROLES} w={180} onChange={(role) => setRow(withPart(row, i, { ...part, role }))} />
              <ActionIcon aria-label={t('editor.removeTurn', { turn: i + 1 })} onClick={() => setRow(withTurns(row, { kind: 'remove', index: i }))}><IconTrash size={16} /></ActionIcon>
            </Group>
          )}
          <Textarea {...(isChat ? { 'aria-label': t('editor.turn', { turn: i + 1 }) } : { label: part.role })} value={part.text} autosize minRows={2} maxRows={16} data-autofocus={i === 0 ? true : undefined}
            onChange={(event) => setRow(withPart(row, i, { ...part, text: event.currentTarget.value }))} />
        </div>
      ))}
      {isChat && <Group><Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setRow(withTurns(row, { kind: 'add', role: partsOf(row).at(-1)?.role === 'user' ? 'assistant' : 'user' }))}>{t('editor.addTurn')}</Button></Group>}
      {edit.error && <ErrorNotice error={appErrorOf(edit.error)} />}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">{t('editor.hint')}</Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
          <Button onClick={save} loading={edit.isPending}>{rowKey === null ? t('editor.add') : t('save')}</Button>
        </Group>
      </Group>
    </Stack>
  );
}
