/** @file The preview job: rows exactly as training will see them, token by token, without opening a model's weights. */
import { readCanonicalRows } from '../data/canonical-rows.ts';
import { openWithTokenizer, type OpenModel } from '../generate/opened-model.ts';
import type { TextJobContext } from '../job-context.ts';
import { MAX_CUT_TOKENS, type EngineEvent, type PreviewJob, type PreviewRow } from '../protocol.ts';
import type { RowOutcome } from '../text/encode.ts';
import { IGNORE } from '../text/loss-mask.ts';
import { tokenTexts } from '../text/tokenizer/token-texts.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { recipeEncoder } from './training-data.ts';

const BATCH = 64;
/** What packing makes of rows depends on all of them. */
const OF_ALL_ROWS: ReadonlySet<string> = new Set(['PACKED', 'WRAPPED']);

/** Emits `preview` for each row asked for, `dropped` for one that training would leave out, and then what was found in them. */
export async function runPreview(job: PreviewJob, { emit, stop }: TextJobContext, open: OpenModel = openWithTokenizer): Promise<void> {
  const {
    folder: { model },
    tokenizer,
  } = await open(job.recipe.model);
  let outcome: RowOutcome | null = null;
  const encoder = await recipeEncoder(job.recipe, tokenizer, model, {
    firstPosition: job.first,
    onRow: (each) => {
      outcome = each;
    },
  });
  let row = 0;
  for await (const { rows } of readCanonicalRows(job.rows.file, BATCH, stop)) {
    for (const each of rows) {
      if (row >= job.first + job.count) break;
      stop.throwIfAborted();
      if (row >= job.first) {
        await encoder.encode([each]);
        emit(await previewEvent(row, outcome!, tokenizer));
      }
      row++;
    }
    if (row >= job.first + job.count) break;
  }
  emit({ kind: 'findings', findings: encoder.report().findings.filter(({ code }) => !OF_ALL_ROWS.has(code)) });
}

type PreviewEvent = Extract<EngineEvent, { readonly kind: 'preview' | 'dropped' }>;

async function previewEvent(row: number, { source, ids: whole, row: encoded, refused }: RowOutcome, tokenizer: Tokenizer): Promise<PreviewEvent> {
  if (encoded === null) return { kind: 'dropped', row, source, length: whole.length, reason: refused };
  const ids = [...encoded.inputIds];
  const labels = [...encoded.labels];
  const trained = labels.map((label, i) => i > 0 && label !== IGNORE);
  const text = (keep: boolean) =>
    tokenizer.decode(
      ids.filter((_, i) => trained[i] === keep),
      { skipSpecialTokens: false },
    );
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
      cut: await cutTokens([...whole], ids.length, tokenizer),
      truncatedTokens: whole.length - ids.length,
    },
  };
}

/** The first tokens beyond the cut. A character that the cut divides shows as broken, as it is. */
async function cutTokens(whole: readonly number[], kept: number, tokenizer: Tokenizer): Promise<PreviewRow['cut']> {
  const ids = whole.slice(kept, kept + MAX_CUT_TOKENS);
  const texts = await tokenTexts(ids, tokenizer);
  return ids.map((id, i) => ({ id, text: texts[i]! }));
}
