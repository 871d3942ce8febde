import { Text, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RunDetail } from '../../../../shared/domain/run-record.ts';
import { useRunActions } from '../queries.ts';

/** Milliseconds after the last key before it is saved. */
const PAUSE = 800;
const MOST = 20_000;

/** What a person writes down about a run; saved by itself. What another window writes arrives unless somebody is writing here. */
export function RunNotes({ run: { id, notes } }: { readonly run: RunDetail }) {
  const { t } = useTranslation('runs');
  const { note } = useRunActions();
  const [draft, setDraft] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const waiting = useRef<string | null>(null);
  const save = () => {
    clearTimeout(timer.current);
    if (waiting.current === null) return;
    note.mutate({ id, notes: waiting.current });
    waiting.current = null;
  };
  const latest = useRef(save);
  latest.current = save;
  // Leaving the page is no reason to lose the last words.
  useEffect(() => () => latest.current(), []);
  const isSaved = draft === null || draft === notes;
  return (
    <div>
      <Textarea
        label={t('notes.label')}
        placeholder={t('notes.placeholder')}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={MOST}
        value={draft ?? notes}
        onChange={(event) => {
          const text = event.currentTarget.value;
          setDraft(text);
          waiting.current = text;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => latest.current(), PAUSE);
        }}
        onBlur={() => {
          save();
          if (isSaved) setDraft(null);
        }}
      />
      {draft !== null && (
        <Text size="xs" c="dimmed" role="status" mt={2}>
          {isSaved ? t('notes.saved') : t('notes.unsaved')}
        </Text>
      )}
    </div>
  );
}
