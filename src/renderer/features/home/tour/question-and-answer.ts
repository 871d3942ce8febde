import type { CanonicalRow, Message } from '../../../../shared/domain/dataset.ts';
import { assertNever } from '../../../../shared/lib/assert-never.ts';

/** A row in two parts: what is given and what is to be said. */
export function questionAndAnswer(row: CanonicalRow): { readonly question: string; readonly answer: string } {
  switch (row.kind) {
    case 'text':
      return { question: '', answer: row.text };
    case 'prompt-completion':
      return { question: row.prompt, answer: row.completion };
    case 'chat-prompt-completion':
      return { question: spoken(row.prompt), answer: spoken(row.completion) };
    case 'messages':
      return { question: spoken(row.messages.slice(0, -1)), answer: spoken(row.messages.slice(-1)) };
    default:
      return assertNever(row);
  }
}

function spoken(messages: readonly Message[]): string {
  return messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))).join('\n');
}
