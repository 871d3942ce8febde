import type { Answer, Column, GenerateUpdate } from '../../../shared/domain/generation.ts';

type TextUpdate = Extract<GenerateUpdate, { kind: 'text' }>;

export interface ComparedColumn {
  readonly column: Column;
  readonly title: string;
}

/** What the columns have said: all of it for the record, and what is new since it was last taken, merged by column. */
export class ComparisonTranscript {
  readonly #answers: Answer[];
  readonly #news = new Map<number, TextUpdate>();

  constructor(columns: readonly ComparedColumn[]) {
    this.#answers = columns.map(({ column, title }) => ({ column, title, text: '', tokens: 0, finished: null }));
  }

  add({ column, text, tokens, finished }: Omit<TextUpdate, 'kind'>): void {
    const answer = this.#answers[column];
    if (answer === undefined) return;
    this.#answers[column] = { ...answer, text: answer.text + text, tokens, finished };
    this.#news.set(column, { kind: 'text', column, text: (this.#news.get(column)?.text ?? '') + text, tokens, finished });
  }

  takeNews(): readonly TextUpdate[] {
    const news = [...this.#news.values()];
    this.#news.clear();
    return news;
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  /** At least one column has said something. */
  get begun(): boolean {
    return this.#answers.some(({ tokens }) => tokens > 0);
  }
}
