/** @file The count job: every row encoded as training would, none kept. Memory does not grow with the dataset. */
import { stat } from 'node:fs/promises';
import { readCanonicalRows } from '../data/canonical-rows.ts';
import { openWithTokenizer, type OpenModel } from '../generate/opened-model.ts';
import type { TextJobContext } from '../job-context.ts';
import type { CountJob } from '../protocol.ts';
import { LengthCounter } from './length-histogram.ts';
import { LengthLevels } from './length-levels.ts';
import { recipeEncoder } from './training-data.ts';

/** Enough to keep every core of the tokenizer busy. */
const BATCH = 256;
/** Milliseconds between two words on how far it is. */
const PACE = 100;

/** Emits `progress` in bytes of the file, then `lengths` and `counts`. @throws AppError of the rows and the encoder */
export async function runCount(
  { recipe, rows: { file } }: CountJob,
  { emit, stop }: TextJobContext,
  open: OpenModel = openWithTokenizer,
): Promise<void> {
  const {
    folder: { model },
    tokenizer,
  } = await open(recipe.model);
  const lengths = new LengthCounter();
  const levels = new LengthLevels();
  const encoder = await recipeEncoder(recipe, tokenizer, model, {
    onRow: ({ ids, refused }) => {
      if (refused === null) lengths.add(ids.length);
    },
  });
  const { size: total } = await stat(file);
  let told = -Infinity;
  for await (const { rows, bytes } of readCanonicalRows(file, BATCH, stop)) {
    for (const { inputIds, targets } of await encoder.encode(rows)) levels.add(inputIds.length, targets);
    if (performance.now() - told < PACE) continue;
    told = performance.now();
    emit({ kind: 'progress', phase: 'encoding', done: bytes, total });
  }
  const report = encoder.report();
  emit({ kind: 'lengths', levels: levels.table() });
  emit({
    kind: 'counts',
    counts: {
      rows: report.rows,
      setAside: report.setAsideRows.count,
      dropped: report.droppedRows.count,
      truncated: report.truncatedRows.count,
      tokens: report.tokens,
      targets: report.targets,
      longest: report.longest,
      packs: report.packs,
      lengths: lengths.histogram(),
      findings: [...report.findings],
    },
  });
}
