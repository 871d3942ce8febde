import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { saidOfProblem } from '../../../shared/domain/recipe/field-words.ts';
import { type NumberKind, type NumberReading, readNumber } from '../../../shared/lib/read-number.ts';
import type { Said } from '../../../shared/lib/said.ts';
import { useSaid } from '../../i18n/field-words.ts';
import classes from './number-field.module.css';

export interface NumberFieldProps extends Pick<TextInputProps, 'label' | 'aria-label' | 'placeholder' | 'description' | 'w' | 'size' | 'onFocus'> {
  /** A text is what was typed and is no number: it stays until it is mended. */
  readonly value: number | string | null;
  readonly kind: NumberKind;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** What arrow keys add. */
  readonly step?: number;
  /** Behind the number. */
  readonly unit?: string | undefined;
  /** What is wrong beyond the number itself. */
  readonly error?: string | undefined;
  /** Legal, and hardly meant. */
  readonly advice?: readonly string[];
  /** With every key: the number, null where nothing is typed, or the text that is no number. */
  readonly onChange: (value: number | string | null) => void;
  /** Enter, and leaving the field, with a number in range in it. */
  readonly onCommit?: (value: number | null, by: 'enter' | 'blur') => void;
}

/** A number as people type it. What is typed stays as it is; what it is read as stands below where the two differ. */
export function NumberField({
  value,
  kind,
  min,
  max,
  step = 1,
  unit,
  error,
  advice = [],
  onChange,
  onCommit,
  description,
  ...input
}: NumberFieldProps) {
  const { t } = useTranslation();
  const say = useSaid();
  const [text, setText] = useState(() => shownOf(value));
  const [focused, setFocused] = useState(false);
  const reading = readNumber(text, kind);
  // Another value from outside (set back, taken over from a run) replaces the text; the same value in another spelling does not.
  useEffect(() => setText((now) => (isSame(readNumber(now, kind), now, value, kind) ? now : shownOf(value))), [value, kind]);
  const change = (next: string) => {
    setText(next);
    const read = readNumber(next, kind);
    onChange(read.kind === 'number' ? read.value : read.kind === 'empty' ? null : next);
  };
  const wrong = wrongOf(reading, min, max, kind.integer ?? false);
  // A number that is being typed is not wrong yet.
  const patient = focused && reading.kind === 'problem' && reading.problem.code === 'unfinished';
  const problem = wrong === null ? error : patient ? undefined : say(wrong);
  const commit = (by: 'enter' | 'blur') => wrong === null && onCommit?.(reading.kind === 'number' ? reading.value : null, by);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') commit('enter');
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (direction === 0 || reading.kind !== 'number') return;
    event.preventDefault();
    change(shownOf(stepped(reading.value, direction * step, min, max)));
  };
  const readAs =
    reading.kind === 'number' && !reading.plain && shownOf(reading.value) !== text ? t('number.readAs', { number: shownOf(reading.value) }) : null;
  const below = [readAs, ...(problem === undefined ? advice : [])].filter((each) => each !== null);
  return (
    <TextInput
      {...input}
      value={text}
      inputMode={kind.integer ? 'numeric' : 'decimal'}
      autoComplete="off"
      spellCheck={false}
      error={problem}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      onFocus={(event) => (setFocused(true), input.onFocus?.(event))}
      onBlur={() => (setFocused(false), commit('blur'))}
      description={
        description === undefined && below.length === 0 ? undefined : (
          <>
            {description}
            {below.map((each, index) => (
              <span key={each} className={index === 0 && each === readAs ? classes['read'] : classes['advice']}>
                {each}
              </span>
            ))}
          </>
        )
      }
      {...(unit === undefined
        ? {}
        : {
            rightSection: <span className={classes['unit']}>{unit}</span>,
            rightSectionWidth: 'auto',
            rightSectionPointerEvents: 'none' as const,
            rightSectionProps: { className: classes['right'] },
          })}
    />
  );
}

/** As the program writes it: never with an exponent where a person would not. */
export function shownOf(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return Math.abs(value) < 1e-6 && value !== 0 ? value.toExponential() : String(value);
}

/** An owner may keep the number as a number or as text: what counts is what it is read as, or a spelling would be rewritten while it is typed. */
function isSame(reading: NumberReading, text: string, value: number | string | null, kind: NumberKind): boolean {
  if (text === (value ?? '')) return true;
  const other: NumberReading = typeof value === 'number' ? { kind: 'number', value, plain: true } : readNumber(value ?? '', kind);
  if (reading.kind === 'number') return other.kind === 'number' && other.value === reading.value;
  return reading.kind === 'empty' && other.kind === 'empty';
}

/** What is wrong with what was typed, apart from what the owner of the field knows. */
function wrongOf(reading: NumberReading, min: number | undefined, max: number | undefined, integer: boolean): Said | null {
  if (reading.kind === 'problem') return saidOfProblem(reading.problem);
  if (reading.kind === 'empty') return null;
  if (integer && !Number.isInteger(reading.value)) return { code: 'whole', values: {} };
  if (min !== undefined && reading.value < min) return { code: 'atLeast', values: { bound: String(min) } };
  if (max !== undefined && reading.value > max) return { code: 'atMost', values: { bound: String(max) } };
  return null;
}

function stepped(value: number, by: number, min = -Infinity, max = Infinity): number {
  return Math.min(max, Math.max(min, Number((value + by).toPrecision(12))));
}
