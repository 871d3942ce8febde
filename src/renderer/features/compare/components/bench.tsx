import { Alert, Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconCompass } from '@tabler/icons-react';
import type { Column, Generation } from '../../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../../shared/domain/model.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { initialColumns } from '../columns.ts';
import { DEFAULT_SETTINGS, draftOf, requestOf, type Draft } from '../draft.ts';
import { useExamplePrompts } from '../queries.ts';
import { useComparison } from '../use-comparison.ts';
import { AnswerGrid } from './answer-grid.tsx';
import { BenchBar } from './bench-bar.tsx';
import { History } from './history.tsx';
import { PromptBox } from './prompt-box.tsx';

export interface BenchProps {
  readonly models: readonly ModelRecord[];
  readonly runs: readonly RunSummary[];
  /** The one to begin with. */
  readonly model: ModelRecord;
  readonly asked: readonly Column[];
  readonly prompt: string;
  /** The tour ends here: the prompt is sent by itself, and explained. */
  readonly tour: boolean;
}

/** Columns, prompt, answers and history of one model. */
export function Bench({ models, runs, model: first, asked, prompt, tour }: BenchProps) {
  const { t } = useTranslation('compare');
  const [modelId, setModelId] = useState(first.id);
  const [draft, setDraft] = useState<Draft>(() => ({ columns: initialColumns(asked, first, runs), prompt, settings: DEFAULT_SETTINGS }));
  const comparison = useComparison();
  const model = models.find(({ id }) => id === modelId) ?? null;
  const examples = useExamplePrompts(model?.source ?? null);
  const request = model === null ? null : requestOf(model.id, draft);

  const ask = (text: string) => {
    const next = model === null ? null : requestOf(model.id, { ...draft, prompt: text });
    setDraft({ ...draft, prompt: text });
    if (next !== null) comparison.ask(next);
  };
  useOnce(tour && prompt !== '', () => ask(prompt));

  const choose = (next: ModelRecord) => {
    setModelId(next.id);
    setDraft({ ...draft, columns: initialColumns([], next, runs) });
    comparison.clear();
  };
  const restore = (generation: Generation) => {
    if (generation.modelId !== null) setModelId(generation.modelId);
    setDraft(draftOf(generation));
    comparison.restore(generation);
  };

  return (
    <Stack gap="md">
      {tour && <Alert color="accent" variant="light" icon={<IconCompass aria-hidden />} title={t('tour.title')}>{t('tour.text')}</Alert>}
      <BenchBar models={models} model={model} runs={runs} columns={draft.columns} disabled={comparison.running}
        onModel={choose} onColumns={(columns) => setDraft({ ...draft, columns })} />
      <PromptBox draft={draft} examples={examples} running={comparison.running} canSend={request !== null}
        onChange={setDraft} onSend={ask} onStop={comparison.stop} />
      {comparison.error !== null && <ErrorNotice error={comparison.error} {...(request === null ? {} : { onRetry: () => comparison.ask(request) })} />}
      <AnswerGrid live={comparison.live} running={comparison.running} columns={draft.columns} runs={runs} onColumns={(columns) => setDraft({ ...draft, columns })} />
      <History shown={comparison.live.generationId} disabled={comparison.running} onRestore={restore} />
    </Stack>
  );
}

function useOnce(condition: boolean, act: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (!condition || done.current) return;
    done.current = true;
    act();
  });
}
