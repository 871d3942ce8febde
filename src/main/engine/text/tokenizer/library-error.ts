/** @file What the tokenizer library says of a file or a text, told in our words; its own are kept for a report. */
import { join } from 'node:path';
import type { AppError } from '../../../../shared/lib/app-error.ts';
import { shortened } from '../../../../shared/lib/shortened.ts';
import { fileError } from './bounded-files.ts';

const MAX_DETAIL = 500;

/** First match counts. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/unk/i, 'a text holds something that its vocabulary lacks, and it has no token for what is unknown (model.unk_token or model.unk_id)'],
  [/not in|out of vocab|OutOfVocabulary/i, 'its merges name a piece that its vocabulary lacks'],
];

/** Of a file that the library refuses to load. */
export function loadError(file: string, error: unknown): AppError {
  return told(file, error, 'its parts do not fit together as those of a tokenizer do');
}

/** Of a text that the library cannot turn into ids, or ids into text. */
export function textError(folder: string, error: unknown): AppError {
  return told(join(folder, 'tokenizer.json'), error, 'a text cannot be split or put together by it');
}

function told(file: string, error: unknown, otherwise: string): AppError {
  const detail = shortened(error instanceof Error ? error.message : String(error), MAX_DETAIL);
  const reason = REASONS.find(([pattern]) => pattern.test(detail))?.[1] ?? otherwise;
  return fileError(file, reason, undefined, error, { detail });
}
