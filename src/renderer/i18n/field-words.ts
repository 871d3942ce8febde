import { useTranslation } from 'react-i18next';
import { FIELD_WORDS } from '../../shared/domain/recipe/field-words.ts';
import { ADVICE_WORDS } from '../../shared/domain/recipe/advice.ts';
import { UNITS } from '../../shared/domain/units.ts';
import type { Said } from '../../shared/lib/said.ts';

/** The English words of what is said beside a field: they stand where it is found, for the command line says them too. */
export function englishFieldWords(): Readonly<Record<string, string>> {
  const units = Object.entries(UNITS).flatMap(
    ([name, { one, other }]) =>
      [
        [`unit/${name}_one`, one],
        [`unit/${name}_other`, other],
      ] as const,
  );
  return { ...FIELD_WORDS, ...ADVICE_WORDS, ...Object.fromEntries(units) };
}

type Look = (key: string, options: Readonly<Record<string, unknown>>) => string;

/** What is said beside a field, in the language of the page. */
export function useSaid(): (said: Said) => string {
  const { i18n } = useTranslation();
  // Keys come from outside the typed catalogue.
  const words = i18n.t as unknown as Look;
  return ({ code, values }) => words(code, { ns: 'field', ...values });
}

/** `pass` or `passes`, by the number. */
export function useUnit(): (unit: string, count: number) => string {
  const { i18n } = useTranslation();
  const words = i18n.t as unknown as Look;
  return (unit, count) => words(`unit/${unit}`, { ns: 'field', count });
}
