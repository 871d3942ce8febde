/** @file The preview job: rows exactly as training will see them, token by token, without opening a model's weights. */
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { readCanonicalRows } from '../data/canonical-rows.ts';
import { openWithTokenizer, type OpenModel } from '../generate/opened-model.ts';
import type { TextJobContext } from '../job-context.ts';
import { MAX_CUT_TOKENS, type PreviewJob, type PreviewRow } from '../protocol.ts';
import type { EncodedRow } from '../text/encode.ts';
import { IGNORE } from '../text/loss-mask.ts';
import { StreamingDecoder } from '../text/tokenizer/streaming-decoder.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { recipeEncoder } from './training-data.ts';

const BATCH = 64;

/** Emits `preview` for each row asked for; `dropped` for one that training would leave out. */
export async function runPreview(job: PreviewJob, { emit, stop }: TextJobContext, open: OpenModel = openWithTokenizer): Promise<void> {
  const started = performance.now();
  const { folder: { config }, tokenizer } = await open(job.recipe.model);
  let length = 0;
  const [cut, whole] = await Promise.all([
    recipeEncoder(job.recipe, tokenizer, config),
    recipeEncoder({ ...job.recipe, max_length: 1_048_576 }, tokenizer, config, (tokens) => { length = tokens; }),
  ]);
  let row = 0;
  for await (const { rows } of readCanonicalRows(job.rows.file, BATCH, stop)) {
    for (const each of rows) {
      if (row >= job.first + job.count) break;
      stop.throwIfAborted();
      if (row >= job.first) {
        const [encoded, uncut] = [await cut.encode([each]), await whole.encode([each])];
        emit(await previewEvent(row, each, encoded, uncut, length, tokenizer));
      }
      row++;
    }
    if (row >= job.first + job.count) break;
  }
  for (const message of cut.report().notices) emit({ kind: 'log', level: 'warning', message });
  emit({ kind: 'finished', result: { adapter: null, steps: 0, trainLoss: null, seconds: (performance.now() - started) / 1000 } });
}

type PreviewEvent = { readonly kind: 'preview'; readonly row: PreviewRow } | { readonly kind: 'dropped'; readonly row: number; readonly source: number; readonly length: number };

async function previewEvent(row: number, { source }: CanonicalRow, cut: readonly EncodedRow[], whole: readonly EncodedRow[], length: number, tokenizer: Tokenizer): Promise<PreviewEvent> {
  const [encoded] = cut;
  if (!encoded) return { kind: 'dropped', row, source, length };
  const ids = [...encoded.inputIds];
  const labels = [...encoded.labels];
  const trained = labels.map((label, i) => i > 0 && label !== IGNORE);
  const text = (keep: boolean) => tokenizer.decode(ids.filter((_, i) => trained[i] === keep), { skipSpecialTokens: false });
  const texts = await tokenTexts(ids, tokenizer);
  const special = await Promise.all(ids.map((id) => tokenizer.isSpecial(id)));
  return {
    kind: 'preview',
    row: {
      row,
      source,
      rendered: await tokenizer.decode(ids, { skipSpecialTokens: false }),
      tokens: ids.map((id, i) => ({ id, text: texts[i]!, label: labels[i]!, trained: trained[i]!, special: special[i]! })),
      trainedText: await text(true),
      maskedText: await text(false),
      cut: await cutTokens([...(whole[0]?.inputIds ?? [])], ids.length, tokenizer),
      truncatedTokens: (whole[0]?.inputIds.length ?? ids.length) - ids.length,
    },
  };
}

/** The first tokens beyond the cut. A character that the cut divides shows as broken, as it is. */
async function cutTokens(whole: readonly number[], kept: number, tokenizer: Tokenizer): Promise<PreviewRow['cut']> {
  const ids = whole.slice(kept, kept + MAX_CUT_TOKENS);
  const texts = await tokenTexts(ids, tokenizer);
  return ids.map((id, i) => ({ id, text: texts[i]! }));
}

/** What each token adds to the text: a character of several tokens is given to the last of them, so joining loses nothing. */
async function tokenTexts(ids: readonly number[], tokenizer: Tokenizer): Promise<string[]> {
  const decoder = new StreamingDecoder(tokenizer, { skipSpecialTokens: false });
  const texts: string[] = [];
  for (const id of ids) texts.push(await decoder.push(id));
  if (texts.length > 0) texts[texts.length - 1] += await decoder.finish();
  return texts;
}
