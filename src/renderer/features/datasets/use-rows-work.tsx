import { modals } from '@mantine/modals';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatasetRow, DatasetSummary } from '../../../shared/domain/dataset-record.ts';
import { appErrorOf } from '../../api/app-error.ts';
import { client } from '../../api/client.ts';
import { notifyError } from '../../components/notify/notify.ts';
import { RowEditor, type RowEditorProps } from './components/row-editor.tsx';
import { useRowEdits } from './queries.ts';
import { emptyRow } from './view-model.ts';

const EDITOR = 'row-editor';

/**
 * What is done with the rows of one dataset: which is active, which are chosen, editing, undo.
 * @param wanted a row to begin at, 0-based
 */
export function useRowsWork(dataset: DatasetSummary, wanted: number | null = null) {
  const { t } = useTranslation('datasets');
  const [active, setActive] = useState(wanted ?? 0);
  const [jump, setJump] = useState<{ readonly position: number } | null>(wanted === null ? null : { position: wanted });
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const edits = useRowEdits(dataset.id, dataset.version.id);
  const jumpTo = (position: number) => {
    const target = Math.max(0, Math.min(dataset.edits.rows - 1, position));
    if (!Number.isFinite(target)) return;
    setActive(target);
    setJump({ position: target });
  };
  const edit = (title: string, first: RowEditorProps['first']) =>
    void modals.open({
      modalId: EDITOR,
      title,
      size: 'xl',
      closeOnClickOutside: false,
      children: (
        <RowEditor datasetId={dataset.id} versionId={dataset.version.id} first={first} onClose={() => modals.close(EDITOR)} onMove={setActive} />
      ),
    });
  // Of a long row the page has the beginning.
  const whole = async (row: DatasetRow) =>
    row.cut ? ((await client.datasets.rows({ id: dataset.id, offset: row.position, limit: 1 })).rows[0] ?? row) : row;
  const add = async () => {
    // Any row tells the kind; a dataset has one.
    const like = (await client.datasets.rows({ id: dataset.id, offset: 0, limit: 1 })).rows[0]?.row;
    if (like !== undefined) edit(t('editor.addTitle'), { key: null, row: emptyRow(like) });
  };
  const remove = (keys: readonly number[]) => {
    if (keys.length === 0) return;
    edits.edit.mutate(
      { kind: 'delete', keys: [...keys] },
      { onSuccess: () => setSelected(new Set()), onError: (error) => notifyError(appErrorOf(error)) },
    );
  };
  const deleteSelected = async () => {
    if (selected.size > 0) return remove([...selected]);
    const row = (await client.datasets.rows({ id: dataset.id, offset: active, limit: 1 })).rows[0];
    return row === undefined ? undefined : remove([row.key]);
  };
  return {
    active,
    setActive,
    jump,
    jumpTo,
    selected,
    edits,
    toggle(row: DatasetRow) {
      setSelected((keys) => {
        const next = new Set(keys);
        if (!next.delete(row.key)) next.add(row.key);
        return next;
      });
    },
    open: (row: DatasetRow) =>
      void whole(row).then(
        (entry) => edit(t('editor.editTitle'), entry),
        (error: unknown) => notifyError(appErrorOf(error)),
      ),
    add: () => void add(),
    deleteSelected: () => void deleteSelected(),
    onKeyDown(event: KeyboardEvent) {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      if (event.shiftKey) edits.redo.mutate();
      else edits.undo.mutate();
    },
  };
}
