import { useTranslation } from 'react-i18next';
import { fieldKey } from './recipe-words.ts';

export interface FieldText {
  readonly label: string;
  readonly help: string;
}

/** Label and help of recipe fields, by path, in the language of the page. */
export function useFieldText(): (path: string) => FieldText {
  const { i18n } = useTranslation();
  // Keys are made from paths, which the typed catalogue cannot know.
  const words = i18n.t as unknown as (key: string, options: { readonly ns: 'recipe' }) => string;
  const word = (path: string, name: 'label' | 'help') => words(fieldKey(path, name), { ns: 'recipe' });
  return (path) => ({ label: word(path, 'label'), help: word(path, 'help') });
}
