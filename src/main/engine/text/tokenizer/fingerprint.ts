import { createHash } from 'node:crypto';
import type { Tokenizer } from './tokenizer.ts';

/**
 * sha256 (hex) of all that decides a tokenizer's ids: pipeline, vocabulary, special tokens and chat templates. A template
 * that prints the date also counts the day, so that a cache does not freeze it.
 */
export async function tokenizerFingerprint(tokenizer: Tokenizer): Promise<string> {
  const templates = Object.entries(tokenizer.chatTemplateSources);
  const dated = templates.some(([, source]) => source.includes('strftime_now'));
  const day = dated ? new Date().toDateString() : '';
  return createHash('sha256')
    .update(JSON.stringify([tokenizer.digest, tokenizer.namedTokens, templates, day]))
    .digest('hex');
}
