import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { asList, fieldOf } from '../import-plan.ts';
import type { JsonObject } from '../readers/source-record.ts';
import { columnOf, optionalText, refuse, type ConvertContext, type Refusal, type RowResult } from './row-result.ts';

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
export function pairRow({ asked, prompt, answer, underHeadings }: Pair, row: JsonObject, source: number, context: ConvertContext): RowResult {
  const system = optionalText(row, context.plan.columns, 'system');
  if (typeof system !== 'string') return system;
  const earlier = historyOf(row, context);
  if (!Array.isArray(earlier)) return earlier as Refusal;
  const before: readonly Message[] = system.trim() === '' ? earlier : [{ role: 'system', content: system }, ...earlier];
  if (context.plan.pairs === 'headings') {
    if (before.length > 0)
      context.note({
        code: 'NOT-WRITTEN',
        level: 'warning',
        message: 'The columns system and history are not used under headings.',
        remedy: 'Choose the turns of a chat (dataset.pairs: chat).',
      });
    return underHeadings();
  }
  const plain = { prompt: [...before.map(({ content }) => content as string), prompt].join('\n'), completion: answer };
  if (context.plan.pairs === 'plain') return { kind: 'prompt-completion', source, ...plain };
  return {
    kind: 'chat-prompt-completion',
    source,
    prompt: [...before, { role: 'user', content: asked }],
    completion: [{ role: 'assistant', content: answer }],
    plain,
  };
}

/** An instruction and what it is about, on lines of their own. */
export function askedWithInput(instruction: string, input: string): string {
  return [instruction, input].filter((part) => part !== '').join('\n');
}

/** Earlier pairs, `[[question, answer], …]`, as turns before the question. */
function historyOf(row: JsonObject, { plan, note }: ConvertContext): Message[] | Refusal {
  const value = fieldOf(row, plan.columns, 'history') ?? [];
  const list = typeof value === 'string' && value.trim() === '' ? [] : asList(value);
  if (list === undefined) return refuse(`${columnOf(plan.columns, 'history')} must be a list of [question, answer] pairs`);
  const turns: Message[] = [];
  for (const pair of list) {
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((text) => typeof text !== 'string'))
      return refuse(`${columnOf(plan.columns, 'history')} must hold pairs of two texts, [question, answer]`);
    turns.push({ role: 'user', content: pair[0] as string }, { role: 'assistant', content: pair[1] as string });
  }
  if (turns.length > 0)
    note({
      code: 'HISTORY',
      level: 'note',
      message: 'Earlier questions and answers (history) stand before the question; of each row the last answer is the completion.',
    });
  return turns;
}
