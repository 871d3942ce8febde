import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { DatasetCounts } from '../../../shared/domain/inspection.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { makeFolderSync } from '../../files/folders.ts';
import { writeTextSync } from '../../files/write-file.ts';

/** Raised when counts come to mean something else. */
const VERSION = 4;
/** Kept in memory; the rest is on disk. */
const KEPT = 200;
const MAX_BYTES = 1024 * 1024;
/** What decides tokens and masks in a model's folder; config.json bounds the vocabulary. */
const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'generation_config.json',
  'chat_template.jinja',
  'additional_chat_templates',
  'config.json',
] as const;

/** Counts from before, by all that they depend on; small files in a folder that may be deleted at any time. */
export class KnownCounts<T = DatasetCounts> {
  readonly #folder: string;
  readonly #schema: z.ZodType<T>;
  readonly #memory = new Map<string, T>();

  constructor(folder: string, schema: z.ZodType<T>) {
    this.#folder = folder;
    this.#schema = schema;
  }

  get(key: string): T | null {
    const known = this.#memory.get(key) ?? this.#read(key);
    if (known !== null) this.#remember(key, known);
    return known;
  }

  put(key: string, counts: T): void {
    this.#remember(key, counts);
    try {
      makeFolderSync(this.#folder);
      writeTextSync(this.#file(key), JSON.stringify(counts));
    } catch {
      // A full disk costs counting anew after a restart, and nothing else.
    }
  }

  #remember(key: string, counts: T): void {
    this.#memory.delete(key);
    this.#memory.set(key, counts);
    const [oldest] = this.#memory.keys();
    if (this.#memory.size > KEPT && oldest !== undefined) this.#memory.delete(oldest);
  }

  #read(key: string): T | null {
    try {
      const file = this.#file(key);
      return statSync(file).size > MAX_BYTES ? null : this.#schema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      // Never counted, or torn: counting again repairs it.
      return null;
    }
  }

  #file(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

/** Name of a counting: sha256 of whatever it depends on. */
export function countsKey(parts: { readonly dataset: readonly string[]; readonly model: string; readonly settings: unknown }): string {
  return createHash('sha256')
    .update(canonicalJson({ version: VERSION, ...parts, tokenizer: tokenizerStamp(parts.model) }))
    .digest('hex')
    .slice(0, 40);
}

/** Sizes and times of the files that decide tokens: a tokenizer that was changed is another one. */
function tokenizerStamp(model: string): readonly string[] {
  return TOKENIZER_FILES.map((name) => {
    const facts = statSync(join(model, name), { throwIfNoEntry: false });
    return facts === undefined ? '' : `${facts.size}:${facts.mtimeMs}`;
  });
}
