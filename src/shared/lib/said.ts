/** @file Something to be said to a person, apart from its words: the page says it in its language, the command line in English. */

export interface Said {
  /** Key of the words. */
  readonly code: string;
  /** For the `{{name}}` of the words. */
  readonly values: Readonly<Record<string, string>>;
}

export type Words = Readonly<Record<string, string>>;

/** The words of `catalogue` with their values. */
export function sayIn(catalogue: Words, { code, values }: Said): string {
  const words = catalogue[code];
  if (words === undefined) throw new Error(`internal: no words for ${code}`);
  return words.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => values[name] ?? '');
}
