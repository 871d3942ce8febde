import { describeFields } from '../../shared/domain/recipe/described-fields.ts';

/** Key of a recipe field's word; paths have dots, which are i18next's own. */
export function fieldKey(path: string, word: 'label' | 'help'): string {
  return `${path.replaceAll('.', '/')}/${word}`;
}

/** The English words of the recipe's fields: they stand in its schema, beside what they describe. Other languages bring the same keys as JSON. */
export function englishRecipeWords(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    describeFields().flatMap(({ path, label, help }) => [
      [fieldKey(path, 'label'), label],
      [fieldKey(path, 'help'), help],
    ]),
  );
}
