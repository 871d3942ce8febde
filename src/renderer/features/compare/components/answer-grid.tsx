import { Group, Select, Stack, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Column } from '../../../../shared/domain/generation.ts';
import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { ProgressLine } from '../../../components/progress-line/progress-line.tsx';
import { columnKey, moveColumn, nameOf, removeColumn } from '../columns.ts';
import { additions, removals } from '../differences.ts';
import type { SaidTurn } from '../draft.ts';
import type { LiveAnswer, LiveAnswers } from '../live-answers.ts';
import { AnswerColumn } from './answer-column.tsx';
import classes from './bench.module.css';
import { useColumnTitle } from './use-column-title.ts';

export interface AnswerGridProps {
  readonly live: LiveAnswers;
  /** The turns before the answers on the screen, and the prompt they answer. */
  readonly said: readonly SaidTurn[];
  readonly asked: string;
  readonly running: boolean;
  readonly columns: readonly Column[];
  readonly runs: readonly RunSummary[];
  readonly onColumns: (columns: readonly Column[]) => void;
}

/** The columns side by side, with what they said; when they have finished, with what differs where it is asked for. */
export function AnswerGrid({ live, said, asked, running, columns, runs, onColumns }: AnswerGridProps) {
  const { t } = useTranslation('compare');
  const titleOf = useColumnTitle();
  const [marked, setMarked] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const titled = columns.map((column) => {
    const key = columnKey(column);
    const name = nameOf(column, runs);
    return { key, name, answer: live.answers[key] ?? null, title: titleOf(name, live.answers[key]?.title ?? null) };
  });
  const answered = titled.filter(({ answer }) => answer !== null && answer.text !== '');
  const reference = answered.find(({ key }) => key === chosen) ?? answered.find(({ key }) => key === 'base') ?? answered[0];
  const comparable = !running && answered.length > 1;
  const progress = running ? live.progress : null;
  const others = answered.filter(({ key }) => key !== reference?.key).map(({ answer }) => answer!.text);
  const partsOf = (key: string, answer: LiveAnswer | null) => {
    if (!marked || !comparable || answer === null || answer.text === '' || reference === undefined) return undefined;
    return key === reference.key ? removals(answer.text, others) : additions(reference.answer!.text, answer.text);
  };

  return (
    <Stack gap="sm">
      <div role="status">
        {running && live.progress === null && live.keys.every((key) => live.answers[key]?.tokens === 0) && <Text c="dimmed">{t('starting')}</Text>}
      </div>
      {progress !== null && <ProgressLine label={t(PHASES[progress.phase] ?? 'phase.other')} done={progress.done} total={progress.total} />}
      {live.notices.map((notice) => (
        <Text key={notice} size="xs" c="dimmed" className={classes['anywhere']}>
          {notice}
        </Text>
      ))}
      {comparable && (
        <Group gap="md" align="center" mih={36}>
          <Switch label={t('differences.show')} checked={marked} onChange={(event) => setMarked(event.currentTarget.checked)} />
          {marked && (
            <Select
              aria-label={t('differences.against')}
              w={240}
              allowDeselect={false}
              value={reference?.key ?? null}
              data={answered.map(({ key, title }) => ({ value: key, label: t('differences.againstWhat', { title }) }))}
              onChange={setChosen}
            />
          )}
          {marked && (
            <Text size="xs" c="dimmed">
              <ins className={classes['added']}>{t('differences.added')}</ins> <del className={classes['removed']}>{t('differences.removed')}</del>
            </Text>
          )}
        </Group>
      )}
      <div className={classes['grid']} style={{ gridTemplateColumns: `repeat(${Math.max(1, columns.length)}, minmax(var(--bench-column), 1fr))` }}>
        {titled.map(({ key, name, title, answer }, index) => (
          <AnswerColumn
            key={key}
            title={title}
            name={name}
            answer={answer}
            running={running}
            first={index === 0}
            last={index === titled.length - 1}
            removable={columns.length > 1}
            said={said.map((turn) => ({ prompt: turn.prompt, answer: turn.answers[key] ?? '' }))}
            prompt={said.length > 0 ? asked : null}
            parts={partsOf(key, answer)}
            onMove={(by) => onColumns(moveColumn(columns, key, by))}
            onRemove={() => onColumns(removeColumn(columns, key))}
          />
        ))}
      </div>
    </Stack>
  );
}

const PHASES: Readonly<Record<string, 'phase.loading' | 'phase.compiling' | 'phase.reading' | 'phase.encoding'>> = {
  loading: 'phase.loading',
  compiling: 'phase.compiling',
  reading: 'phase.reading',
  encoding: 'phase.encoding',
};
