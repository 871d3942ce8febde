/** @file What stands on the bench, kept for the browser tab, so that a reload loses nothing. */
import { z } from 'zod';
import { columnSchema, samplingSchema } from '../../../shared/domain/generation.ts';
import type { Draft } from './draft.ts';

const KEY = 'tunesmith-compare';

const keptSchema = z.object({
  /** The page's query: another link to it begins anew. */
  query: z.string(),
  modelId: z.string(),
  draft: z.object({
    columns: z.array(columnSchema).max(8),
    prompt: z.string(),
    own: z.boolean(),
    settings: z.object({ system: z.string(), plain: z.boolean(), maxNewTokens: z.int(), seed: z.int(), sampling: samplingSchema }),
  }),
});
export interface KeptBench {
  readonly query: string;
  readonly modelId: string;
  readonly draft: Draft;
}

/** What was kept for this address, or for any where the address asks for nothing. */
export function loadBench(query: string): KeptBench | null {
  try {
    const kept = keptSchema.parse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
    return query === '' || kept.query === query ? kept : null;
  } catch {
    // Nothing there, or of an earlier version: a draft is worth no error.
    return null;
  }
}

export function saveBench(bench: KeptBench): void {
  sessionStorage.setItem(KEY, JSON.stringify(bench));
}
