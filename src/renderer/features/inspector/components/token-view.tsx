import { memo, useMemo, useState, type FocusEvent, type KeyboardEvent, type MouseEvent } from 'react';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { InspectedRow } from '../../../../shared/domain/inspection.ts';
import { formatCount } from '../../../lib/format.ts';
import { blocksOf, drawnTokens, escapedText, visibleText, type DrawnToken } from '../view-model.ts';
import classes from './inspector.module.css';

/** Every token in its colour; the one under the pointer or the focus is told below. Arrows go from token to token. */
export function TokenView({ row }: { readonly row: InspectedRow }) {
  const { t } = useTranslation('inspector');
  const tokens = useMemo(() => drawnTokens(row), [row]);
  const blocks = useMemo(() => blocksOf(tokens), [tokens]);
  const [at, setAt] = useState<number | null>(null);
  const told = at === null ? null : (tokens[at] ?? null);
  const find = (event: MouseEvent | FocusEvent) => {
    const position = (event.target as HTMLElement).dataset['position'];
    if (position !== undefined) setAt(Number(position));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(tokens.length - 1, (at ?? -step) + step));
    event.currentTarget.querySelector<HTMLElement>(`[data-position="${next}"]`)?.focus();
  };
  return (
    <>
      <div className={classes['tokens']} role="group" aria-label={t('tokens', { count: tokens.length })} onMouseOver={find} onFocus={find} onKeyDown={onKeyDown}>
        {blocks.map((block) => <Block key={block[0]!.position} tokens={block} focusable={at ?? 0} />)}
      </div>
      <Text size="xs" className={classes['told']!} aria-live="polite">
        {told === null ? t('hover') : t('told', { position: formatCount(told.position + 1), id: told.id, text: escapedText(told.text), state: t(`states.${told.state}`) })}
      </Text>
    </>
  );
}

const Block = memo(function Block({ tokens, focusable }: { readonly tokens: readonly DrawnToken[]; readonly focusable: number }) {
  return (
    <span className={classes['block']}>
      {tokens.map(({ position, text, state, special }) => (
        <span key={position} data-position={position} data-state={state} data-special={special} tabIndex={position === focusable ? 0 : -1} className={classes['token']}>{text === '' ? '·' : visibleText(text)}</span>
      ))}
    </span>
  );
}, (before, after) => before.tokens === after.tokens && !holds(before.tokens, before.focusable) && !holds(after.tokens, after.focusable));

function holds(tokens: readonly DrawnToken[], position: number): boolean {
  return tokens.length > 0 && position >= tokens[0]!.position && position <= tokens.at(-1)!.position;
}
