/** @file The preview job: rows exactly as training will see them, token by token, without opening a model's weights. */
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { readCanonicalRows } from '../data/canonical-rows.ts';
import type { JobContext } from '../job-context.ts';
import { openModel } from '../models/open-model.ts';
import type { PreviewJob, PreviewRow } from '../protocol.ts';
import type { EncodedRow } from '../text/encode.ts';
import { IGNORE } from '../text/loss-mask.ts';
import { StreamingDecoder } from '../text/tokenizer/streaming-decoder.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { recipeEncoder } from './training-data.ts';

const BATCH = 64;

/** Emits `preview` for each row asked for; a row that training would drop is said to be dropped in the log. */
export async function runPreview(job: PreviewJob, { emit, stop }: JobContext): Promise<void> {
  const started = performance.now();
  const { config } = await openModel(job.recipe.model);
  const tokenizer = await loadTokenizer(job.recipe.model);
  const [cut, whole] = await Promise.all([
    recipeEncoder(job.recipe, tokenizer, config),
    recipeEncoder({ ...job.recipe, max_length: 1_048_576 }, tokenizer, config),
  ]);
  let row = 0;
  for await (const { rows } of readCanonicalRows(job.rows.file, BATCH, stop)) {
    for (const each of rows) {
      if (row >= job.first + job.count) break;
      if (row >= job.first) emit(await previewEvent(row, each, await cut.encode([each]), await whole.encode([each]), tokenizer));
      row++;
    }
    if (row >= job.first + job.count) break;
  }
  for (const message of cut.report().notices) emit({ kind: 'log', level: 'warning', message });
  emit({ kind: 'finished', result: { adapter: null, steps: 0, trainLoss: null, seconds: (performance.now() - started) / 1000 } });
}

type PreviewEvent = { readonly kind: 'preview'; readonly row: PreviewRow } | { readonly kind: 'log'; readonly level: 'warning'; readonly message: string };

async function previewEvent(row: number, { source }: CanonicalRow, cut: readonly EncodedRow[], whole: readonly EncodedRow[], tokenizer: Tokenizer): Promise<PreviewEvent> {
  const [encoded] = cut;
  if (!encoded) return { kind: 'log', level: 'warning', message: `Row ${source} has nothing to learn within the maximum length: training drops it.` };
  const ids = [...encoded.inputIds];
  const labels = [...encoded.labels];
  const trained = labels.map((label, i) => i > 0 && label !== IGNORE);
  const text = (keep: boolean) => tokenizer.decode(ids.filter((_, i) => trained[i] === keep), { skipSpecialTokens: false });
  return {
    kind: 'preview',
    row: {
      row,
      source,
      rendered: await tokenizer.decode(ids, { skipSpecialTokens: false }),
      tokens: (await tokenTexts(ids, tokenizer)).map((text, i) => ({ id: ids[i]!, text, label: labels[i]!, trained: trained[i]! })),
      trainedText: await text(true),
      maskedText: await text(false),
      truncatedTokens: (whole[0]?.inputIds.length ?? ids.length) - ids.length,
    },
  };
}

/** What each token adds to the text: a character of several tokens is given to the last of them, so joining loses nothing. */
async function tokenTexts(ids: readonly number[], tokenizer: Tokenizer): Promise<string[]> {
  const decoder = new StreamingDecoder(tokenizer, { skipSpecialTokens: false });
  const texts: string[] = [];
  for (const id of ids) texts.push(await decoder.push(id));
  if (texts.length > 0) texts[texts.length - 1] += await decoder.finish();
  return texts;
}
