import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import type { ImportPlan } from '../import-plan.ts';

export interface Pair {
  /** What the user's turn says. */
  readonly asked: string;
  /** The same where there are no turns. */
  readonly prompt: string;
  readonly answer: string;
  /** The row as its tutorial writes it. */
  readonly underHeadings: () => CanonicalRow;
}

/** A question with its answer in the style that was chosen; nothing is added to what the person wrote unless they chose headings. */
export function pairRow({ asked, prompt, answer, underHeadings }: Pair, source: number, { pairs }: ImportPlan): CanonicalRow {
  if (pairs === 'headings') return underHeadings();
  const plain = { prompt, completion: answer };
  if (pairs === 'plain') return { kind: 'prompt-completion', source, ...plain };
  return { kind: 'chat-prompt-completion', source, prompt: [{ role: 'user', content: asked }], completion: [{ role: 'assistant', content: answer }], plain };
}

/** An instruction and what it is about, on lines of their own. */
export function askedWithInput(instruction: string, input: string): string {
  return [instruction, input].filter((part) => part !== '').join('\n');
}
