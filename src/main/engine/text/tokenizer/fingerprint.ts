import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Tokenizer } from './tokenizer.ts';

/**
 * sha256 (hex) of all that decides a tokenizer's ids: tokenizer.json, special tokens and chat templates. A template
 * that prints the date also counts the day, so that a cache does not freeze it.
 */
export async function tokenizerFingerprint(tokenizer: Tokenizer): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(tokenizer.folder, 'tokenizer.json')), hash, { end: false });
  const templates = Object.entries(tokenizer.chatTemplateSources);
  const dated = templates.some(([, source]) => source.includes('strftime_now'));
  const day = dated ? new Date().toDateString() : '';
  hash.update(JSON.stringify([tokenizer.namedTokens, tokenizer.addedEnds, templates, day]));
  return hash.digest('hex');
}
