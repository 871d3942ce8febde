import { ActionIcon, Button, Group, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconDeviceFloppy, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DatasetSummary } from '../../../../shared/domain/dataset-record.ts';
import { notifyDone } from '../../../components/notify/notify.ts';
import type { useRowEdits } from '../queries.ts';

export interface RowsToolbarProps {
  readonly dataset: DatasetSummary;
  readonly selected: number;
  readonly onAdd: () => void;
  readonly onDelete: () => void;
  readonly edits: ReturnType<typeof useRowEdits>;
}

export function RowsToolbar({ dataset: { edits: state }, selected, onAdd, onDelete, edits }: RowsToolbarProps) {
  const { t } = useTranslation('datasets');
  return (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconPlus size={14} />} onClick={onAdd}>
        {t('actions.add')}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} onClick={onDelete} disabled={state.rows === 0}>
        {selected > 0 ? t('actions.deleteSelected', { count: selected }) : t('actions.deleteRow')}
      </Button>
      <Tooltip label={t('actions.undo')}>
        <ActionIcon variant="default" size="md" aria-label={t('actions.undo')} disabled={!state.canUndo} onClick={() => edits.undo.mutate()}>
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('actions.redo')}>
        <ActionIcon variant="default" size="md" aria-label={t('actions.redo')} disabled={!state.canRedo} onClick={() => edits.redo.mutate()}>
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Button
        variant="default"
        leftSection={<IconDeviceFloppy size={14} />}
        disabled={state.pending === 0}
        loading={edits.save.isPending}
        onClick={() => edits.save.mutate(undefined, { onSuccess: (version) => notifyDone(t('savedVersion', { number: version.number })) })}
      >
        {t('actions.saveVersion')}
      </Button>
    </Group>
  );
}
