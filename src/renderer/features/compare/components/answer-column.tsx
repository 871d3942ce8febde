import { ActionIcon, CopyButton, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconCheck, IconCopy, IconX } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatCount, formatNumber } from '../../../lib/format.ts';
import type { ColumnName } from '../columns.ts';
import type { DifferencePart } from '../differences.ts';
import { tokensPerSecond, type LiveAnswer } from '../live-answers.ts';
import classes from './bench.module.css';
import { ColumnTitle } from './column-title.tsx';

export interface AnswerColumnProps {
  readonly title: string;
  readonly name: ColumnName | null;
  /** What was asked and answered before in this conversation. */
  readonly said: readonly { readonly prompt: string; readonly answer: string }[];
  /** What the answer answers, where something was said before. */
  readonly prompt: string | null;
  readonly answer: LiveAnswer | null;
  readonly running: boolean;
  readonly first: boolean;
  readonly last: boolean;
  readonly removable: boolean;
  /** Against the chosen column: undefined where nothing is marked, null where the two are too unlike. */
  readonly parts: readonly DifferencePart[] | null | undefined;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}

/** One column: who answers, what it says, and how fast. The answer is text and nothing else, whatever the model wrote. */
export function AnswerColumn({ title, name, said, prompt, answer, running, first, last, removable, parts, onMove, onRemove }: AnswerColumnProps) {
  const { t } = useTranslation('compare');
  return (
    <section className={classes['column']} aria-label={title}>
      <Group justify="space-between" wrap="nowrap" gap="xs" className={classes['head']}>
        <Title order={2} size="h3" className={classes['title']!}>
          <ColumnTitle name={name} full={title} />
        </Title>
        <Group gap={0} wrap="nowrap" className={classes['actions']}>
          {answer !== null && answer.text !== '' && <Copy text={answer.text} title={title} />}
          <Action
            label={t('columns.left', { title })}
            icon={<IconArrowLeft size={14} aria-hidden />}
            disabled={running || first}
            onClick={() => onMove(-1)}
          />
          <Action
            label={t('columns.right', { title })}
            icon={<IconArrowRight size={14} aria-hidden />}
            disabled={running || last}
            onClick={() => onMove(1)}
          />
          <Action label={t('columns.remove', { title })} icon={<IconX size={14} aria-hidden />} disabled={running || !removable} onClick={onRemove} />
        </Group>
      </Group>
      <div
        className={classes['answer']}
        dir="auto"
        role="group"
        tabIndex={0}
        aria-label={t('answer', { title })}
        aria-busy={running && answer?.finished === null}
      >
        {said.map((turn, index) => (
          <Said key={index} prompt={turn.prompt} answer={turn.answer} />
        ))}
        {prompt !== null && <Asked text={prompt} />}
        {answer === null || answer.text === '' ? (
          <Text c="dimmed" component="span">
            {answer === null ? t('notAsked') : running ? t('waiting') : t('saidNothing')}
          </Text>
        ) : (
          <AnswerText text={answer.text} parts={parts} />
        )}
        {parts === null && (
          <Text size="xs" c="dimmed" mt="xs">
            {t('differences.tooMany')}
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed" className={classes['foot']}>
        {answer === null ? ' ' : <Foot answer={answer} running={running} />}
      </Text>
    </section>
  );
}

function Said({ prompt, answer }: { readonly prompt: string; readonly answer: string }) {
  return (
    <Stack gap={0}>
      <Asked text={prompt} />
      <span className={classes['earlier']} dir="auto">
        {answer}
      </span>
    </Stack>
  );
}

function Asked({ text }: { readonly text: string }) {
  const { t } = useTranslation('compare');
  return (
    <span className={classes['asked']} dir="auto">
      <span className="visually-hidden">{t('you')}: </span>
      {text}
    </span>
  );
}

const AnswerText = memo(function AnswerText({
  text,
  parts,
}: {
  readonly text: string;
  readonly parts: readonly DifferencePart[] | null | undefined;
}) {
  const pieces = useMemo(
    () =>
      parts?.map((part, index) => {
        if (part.kind === 'added')
          return (
            <ins key={index} className={classes['added']}>
              {part.text}
            </ins>
          );
        if (part.kind === 'removed')
          return (
            <del key={index} className={classes['removed']}>
              {part.text}
            </del>
          );
        return <span key={index}>{part.text}</span>;
      }),
    [parts],
  );
  return pieces ?? text;
});

function Foot({ answer, running }: { readonly answer: LiveAnswer; readonly running: boolean }) {
  const { t } = useTranslation('compare');
  const speed = tokensPerSecond(answer);
  const end =
    answer.finished === 'stop' ? t('finished.stop') : answer.finished === 'length' ? t('finished.length') : running ? null : t('finished.stopped');
  const words = [
    t('tokens', { count: answer.tokens, tokens: formatCount(answer.tokens) }),
    ...(speed === null ? [] : [t('speed', { speed: formatNumber(Math.round(speed)) })]),
    ...(end === null ? [] : [end]),
  ];
  return words.join(' · ');
}

function Copy({ text, title }: { readonly text: string; readonly title: string }) {
  const { t } = useTranslation('compare');
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Action
          label={copied ? t('copied') : t('copy', { title })}
          icon={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          disabled={false}
          onClick={copy}
        />
      )}
    </CopyButton>
  );
}

function Action({
  label,
  icon,
  disabled,
  onClick,
}: {
  readonly label: string;
  readonly icon: React.ReactNode;
  readonly disabled: boolean;
  readonly onClick: () => void;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={24} variant="subtle" color="gray" className={classes['action']} aria-label={label} disabled={disabled} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
