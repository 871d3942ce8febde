/** @file What is said of a conversation as a whole: a system prompt from a column of its own, an end without an answer, blank turns. */
import type { Message } from '../../../shared/domain/dataset.ts';
import type { JsonObject } from '../readers/source-record.ts';
import { optionalText, type ConvertContext, type Refusal } from './row-result.ts';

/** The messages under the system prompt of the row's `system` column, where it has one. */
export function withSystem(messages: readonly Message[], row: JsonObject, { plan, note }: ConvertContext): Message[] | Refusal {
  const system = optionalText(row, plan.columns, 'system');
  if (typeof system !== 'string') return system;
  if (system.trim() === '') return [...messages];
  if (messages[0]?.role === 'system') {
    if (messages[0].content !== system)
      note({ code: 'SYSTEM-TWICE', level: 'warning', message: 'The column "system" was not used: the conversation has a system turn of its own.' });
    return [...messages];
  }
  note({ code: 'SYSTEM-COLUMN', level: 'note', message: 'The column "system" became the system turn.' });
  return [{ role: 'system', content: system }, ...messages];
}

/** Tells of conversations from which less is learned than they seem to hold. */
export function noteTurns(messages: readonly Message[], { note }: ConvertContext): void {
  if (!messages.some(({ role }) => role === 'assistant')) {
    note({
      code: 'NO-ANSWER',
      level: 'warning',
      message: 'Conversations have no turn of the assistant: there is no answer to learn.',
      remedy: 'Delete these rows, or correct their roles.',
    });
  } else if (messages.at(-1)?.role !== 'assistant') {
    note({
      code: 'OPEN-END',
      level: 'warning',
      message: 'Conversations do not end with a turn of the assistant: what follows its last answer teaches nothing.',
      remedy: 'Remove the turns after the last answer, or complete them.',
    });
  }
  if (messages.some((message) => isBlank(message))) {
    note({
      code: 'BLANK-TURN',
      level: 'warning',
      message: 'Turns are blank (nothing, or white space alone).',
      remedy: 'Fill them in, or delete the rows; a blank answer teaches the model to say nothing.',
    });
  }
}

function isBlank(message: Message): boolean {
  const { role, content } = message;
  return typeof content === 'string' && content.trim() === '' && role !== 'system' && role !== 'tool' && !Object.hasOwn(message, 'tool_calls');
}
