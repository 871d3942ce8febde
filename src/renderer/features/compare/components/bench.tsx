import { Alert, Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconCompass } from '@tabler/icons-react';
import type { Column, Generation } from '../../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../../shared/domain/model.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { ErrorNotice } from '../../../components/error-notice/error-notice.tsx';
import { takeGrant } from '../../../lib/grants.ts';
import { initialColumns } from '../columns.ts';
import { canGoOn, DEFAULT_SETTINGS, draftOf, requestOf, turnsOf, withManner, withSettings, type Draft, type SaidTurn } from '../draft.ts';
import { loadBench, saveBench, type KeptBench } from '../kept-draft.ts';
import type { LiveAnswers } from '../live-answers.ts';
import { useExamplePrompts, useManner } from '../queries.ts';
import { useComparison } from '../use-comparison.ts';
import { AnswerGrid } from './answer-grid.tsx';
import { BenchBar } from './bench-bar.tsx';
import { History } from './history.tsx';
import { PromptBox } from './prompt-box.tsx';
import { ReadinessLine } from './readiness-line.tsx';

export interface BenchProps {
  readonly models: readonly ModelRecord[];
  readonly runs: readonly RunSummary[];
  /** The one to begin with. */
  readonly model: ModelRecord;
  readonly asked: readonly Column[];
  readonly prompt: string;
  /** The tour ends here: the prompt is sent by itself, and explained. */
  readonly tour: boolean;
  /** The address, by which what stood here is found again after a reload. */
  readonly query: string;
}

/** A conversation's turns before the answers on the screen, and the prompt they answer. */
interface Conversation {
  readonly said: readonly SaidTurn[];
  readonly asked: string;
}

const NOTHING_SAID: Conversation = { said: [], asked: '' };

/** Columns, prompt, answers and history of one model. */
export function Bench({ models, runs, model: first, asked, prompt, tour, query }: BenchProps) {
  const { t } = useTranslation('compare');
  const [kept] = useState(() => (tour ? null : keptFor(query, models, runs)));
  const [modelId, setModelId] = useState(kept?.modelId ?? first.id);
  const [stored, setStored] = useState<Draft>(
    () => kept?.draft ?? { columns: initialColumns(asked, first, runs), prompt, own: false, settings: DEFAULT_SETTINGS },
  );
  const [conversation, setConversation] = useState(NOTHING_SAID);
  const comparison = useComparison();
  const model = models.find(({ id }) => id === modelId) ?? null;
  const examples = useExamplePrompts(model?.source ?? null);
  const { manner, settled } = useManner(stored.columns);
  const draft = withManner(stored, manner);
  const request = model === null ? null : requestOf(model.id, draft);
  const change = (next: Draft) => {
    setStored(next);
    saveBench({ query, modelId, draft: next });
  };

  const answered = answeredTurns(conversation, comparison.live);
  const goesOn = model !== null && !draft.settings.plain && hasTemplate(model) && canGoOn(answered, draft.columns);
  const send = (text: string, said: readonly SaidTurn[]) => {
    const next = model === null ? null : requestOf(model.id, { ...draft, prompt: text }, said);
    if (next === null) return;
    setConversation({ said, asked: text });
    comparison.ask(next);
  };
  const ask = (text: string) => {
    change({ ...stored, prompt: text });
    send(text, []);
  };
  // An address that was copied or opened again asks nothing by itself.
  const [asksByItself] = useState(() => tour && takeGrant('tour-question'));
  useOnce(asksByItself && prompt !== '' && settled, () => ask(prompt));

  const choose = (next: ModelRecord) => {
    const fresh: Draft = { ...stored, own: false, columns: initialColumns([], next, runs) };
    setModelId(next.id);
    setStored(fresh);
    saveBench({ query, modelId: next.id, draft: fresh });
    setConversation(NOTHING_SAID);
    comparison.clear();
  };
  const restore = (generation: Generation) => {
    if (generation.modelId !== null) setModelId(generation.modelId);
    setStored(draftOf(generation));
    saveBench({ query, modelId: generation.modelId ?? modelId, draft: draftOf(generation) });
    setConversation({ said: turnsOf(generation), asked: generation.request.prompt });
    comparison.restore(generation);
  };

  return (
    <Stack gap="md">
      {tour && (
        <Alert color="accent" variant="light" icon={<IconCompass aria-hidden />} title={t('tour.title')}>
          {t('tour.text')}
        </Alert>
      )}
      <BenchBar
        models={models}
        model={model}
        runs={runs}
        columns={draft.columns}
        disabled={comparison.running}
        onModel={choose}
        onColumns={(columns) => change({ ...stored, columns })}
      />
      <ReadinessLine modelId={model?.id ?? null} columns={draft.columns} asking={comparison.running} />
      <PromptBox
        draft={draft}
        examples={examples}
        running={comparison.running}
        canSend={request !== null}
        canGoOn={goesOn}
        manner={manner}
        onPrompt={(text) => change({ ...stored, prompt: text })}
        onSettings={(settings) => change(withSettings(draft, settings))}
        onTakeOver={() => change({ ...stored, own: false })}
        onSend={ask}
        onGoOn={() => send(draft.prompt, answered)}
        onStop={comparison.stop}
      />
      {comparison.error !== null && (
        <ErrorNotice error={comparison.error} {...(request === null ? {} : { onRetry: () => send(conversation.asked, conversation.said) })} />
      )}
      <AnswerGrid
        live={comparison.live}
        said={conversation.said}
        asked={conversation.asked}
        running={comparison.running}
        columns={draft.columns}
        runs={runs}
        onColumns={(columns) => change({ ...stored, columns })}
      />
      <History runs={runs} shown={comparison.live.generationId} disabled={comparison.running} onRestore={restore} />
    </Stack>
  );
}

/** What was kept, less the runs that are gone; null where its model is gone. */
function keptFor(query: string, models: readonly ModelRecord[], runs: readonly RunSummary[]): KeptBench | null {
  const kept = loadBench(query);
  if (kept === null || !models.some(({ id }) => id === kept.modelId)) return null;
  const columns = kept.draft.columns.filter((column) => column.kind === 'base' || runs.some(({ id }) => id === column.runId));
  return { ...kept, draft: { ...kept.draft, columns } };
}

/** All turns up to the answers on the screen, once they are there. */
function answeredTurns({ said, asked }: Conversation, live: LiveAnswers): readonly SaidTurn[] {
  if (live.phase !== 'finished' && live.phase !== 'stopped') return [];
  return [...said, { prompt: asked, answers: Object.fromEntries(live.keys.map((key) => [key, live.answers[key]?.text ?? ''])) }];
}

/** Turns need one. A template of a recipe alone is not seen from here: such runs are asked one prompt at a time. */
function hasTemplate({ state }: ModelRecord): boolean {
  return state.kind === 'usable' && state.facts.chatTemplate !== null;
}

function useOnce(condition: boolean, act: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (!condition || done.current) return;
    done.current = true;
    act();
  });
}
