/** @file What of a row is learned: `auto` decides by what the row is, and a mask that the row cannot give is refused. */
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';

/** `auto`: the completion where a row has one, the assistant's turns of a conversation, everything of plain text. */
/** `auto-all`: what auto meant before: all of a conversation. For runs that began so. */
export type LossMode = 'auto' | 'auto-all' | Part;
export type Part = 'completion' | 'assistant' | 'all';

/** In words, after "automatic means". */
export const PART_WORDS: Readonly<Record<Part, string>> = { completion: 'the completions', assistant: "the assistant's turns", all: 'everything' };

/** @throws AppError E-MASK-NA naming the row */
export function learnedPart(row: CanonicalRow, loss: LossMode): Part {
  if (loss === 'auto-all') return row.kind === 'messages' || row.kind === 'text' ? 'all' : 'completion';
  if (loss === 'auto') return row.kind === 'messages' ? 'assistant' : row.kind === 'text' ? 'all' : 'completion';
  const isChat = row.kind === 'messages' || row.kind === 'chat-prompt-completion';
  const hasCompletion = row.kind === 'prompt-completion' || row.kind === 'chat-prompt-completion';
  if (loss === 'assistant' && !isChat) {
    throw maskError(
      row,
      "training only the assistant's turns needs conversations",
      'Choose the loss "auto" or "all", or give conversations with roles.',
    );
  }
  if (loss === 'completion' && !hasCompletion) {
    throw maskError(
      row,
      'training only completions needs a prompt and a completion',
      'Choose the loss "auto", "all" or (for conversations) "assistant".',
    );
  }
  return loss;
}

function maskError(row: CanonicalRow, reason: string, remedy: string): AppError {
  return new AppError({
    code: 'E-MASK-NA',
    message: `Row ${row.source} is of the kind "${row.kind}", but ${reason}.`,
    data: { source: row.source, kind: row.kind },
    remedy,
  });
}
