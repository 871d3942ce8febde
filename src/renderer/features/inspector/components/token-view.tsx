import { memo, useMemo, useState, type FocusEvent, type KeyboardEvent, type MouseEvent } from 'react';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { InspectedRow } from '../../../../shared/domain/inspection.ts';
import { formatCount } from '../../../lib/format.ts';
import { ExactMarks } from '../../../components/exact-text/exact-text.tsx';
import { textLanguage } from '../../../lib/text-language.ts';
import { blocksOf, drawnTokens, escapedText, groupsOf, type DrawnGroup, type DrawnToken } from '../view-model.ts';
import classes from './inspector.module.css';

/** Every token in its colour; the one under the pointer or the focus is told below. Arrows go from token to token. */
export function TokenView({ row }: { readonly row: InspectedRow }) {
  const { t } = useTranslation('inspector');
  const tokens = useMemo(() => drawnTokens(row), [row]);
  const groups = useMemo(() => groupsOf(tokens), [tokens]);
  const blocks = useMemo(() => blocksOf(groups), [groups]);
  const several = groups.some((group) => group.tokens.length > 1);
  const [at, setAt] = useState<number | null>(null);
  const told = at === null ? null : (tokens[at] ?? null);
  const find = (event: MouseEvent | FocusEvent) => {
    const position = (event.target as HTMLElement).closest<HTMLElement>('[data-position]')?.dataset['position'];
    if (position !== undefined) setAt(Number(position));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const now = at === null ? -step : groups.findIndex((group) => group.tokens.some(({ position }) => position === at));
    const next = groups[Math.max(0, Math.min(groups.length - 1, now + step))];
    event.currentTarget.querySelector<HTMLElement>(`[data-position="${next?.tokens[0]?.position}"]`)?.focus();
  };
  return (
    <>
      <div
        className={classes['tokens']}
        lang={textLanguage(row.rendered)}
        role="group"
        aria-label={t('tokens', { count: tokens.length })}
        onMouseOver={find}
        onFocus={find}
        onKeyDown={onKeyDown}
      >
        {blocks.map((block) => (
          <Block key={block[0]!.tokens[0]!.position} groups={block} focusable={at ?? 0} />
        ))}
      </div>
      <Text size="xs" className={classes['told']!} data-token={told !== null} aria-live="polite">
        {told === null ? t('hover') : <Told token={told} group={groups.find((group) => group.tokens.includes(told))!} />}
      </Text>
      {several && (
        <Text size="xs" c="dimmed">
          <span className={classes['several']} data-count="3">
            字
          </span>{' '}
          {t('several')}
        </Text>
      )}
    </>
  );
}

/** The token under the pointer or the focus in words; of a character of several tokens, all of them. */
function Told({ token, group }: { readonly token: DrawnToken; readonly group: DrawnGroup }) {
  const { t } = useTranslation('inspector');
  const ids = group.tokens.map(({ id }) => id).join(', ');
  const state = t(`states.${token.state}`);
  const words =
    group.tokens.length > 1
      ? t('toldSeveral', {
          from: formatCount(group.tokens[0]!.position + 1),
          to: formatCount(group.tokens.at(-1)!.position + 1),
          ids,
          text: escapedText(group.text),
          state,
        })
      : t('told', { position: formatCount(token.position + 1), id: token.id, text: escapedText(token.text), state });
  // The first token has nothing before it, so it is never a target, whatever the settings say.
  return token.position === 0 ? `${words} · ${t('firstToken')}` : words;
}

const Block = memo(
  function Block({ groups, focusable }: { readonly groups: readonly DrawnGroup[]; readonly focusable: number }) {
    return (
      <span className={classes['block']}>
        {groups.map(({ tokens, text }) => {
          const [first] = tokens;
          const { position, state, special } = first!;
          const several = tokens.length > 1;
          return (
            <span
              key={position}
              data-position={position}
              data-state={state}
              data-special={special}
              data-breaks={text.endsWith('\n')}
              {...(several ? { 'data-count': tokens.length } : {})}
              tabIndex={holdsToken(tokens, focusable) ? 0 : -1}
              className={several ? `${classes['token']} ${classes['several']}` : classes['token']}
            >
              {text === '' ? <span className={classes['bytes']}>{tokens.map(() => '▯').join('')}</span> : <ExactMarks text={text} />}
            </span>
          );
        })}
      </span>
    );
  },
  (before, after) => before.groups === after.groups && !holds(before.groups, before.focusable) && !holds(after.groups, after.focusable),
);

function holdsToken(tokens: readonly DrawnToken[], position: number): boolean {
  return position >= tokens[0]!.position && position <= tokens.at(-1)!.position;
}

function holds(groups: readonly DrawnGroup[], position: number): boolean {
  return groups.length > 0 && position >= groups[0]!.tokens[0]!.position && position <= groups.at(-1)!.tokens.at(-1)!.position;
}
