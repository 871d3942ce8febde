import { datasetFormatSchema, type DatasetFormat } from '../../shared/domain/dataset.ts';
import { chosenFormat, type DetectOptions } from './chosen-format.ts';
import { columnsFailure } from './columns-failure.ts';
import { fitsFormat, fittingFormats, isConversational } from './fits-format.ts';
import { asList, fieldOf, type ColumnMapping, type ImportPlan } from './import-plan.ts';
import { isJsonObject, quoted, type JsonObject } from './readers/source-record.ts';
import { TurnKeyFinder } from './turn-keys.ts';

/** Rows that decide the format (the same ten Unsloth looks at). */
export const detectionRows = 10;

export interface Detected {
  readonly plan: ImportPlan;
  readonly notices: readonly string[];
}

/**
 * Decides how a file is read from its first rows. Each row votes for the first format it fits, in the order of
 * spec 1.5; the majority wins and ties go to the earlier format, so one odd first row cannot refuse all others.
 *
 * Throws `AppError` `E-FMT-COLS` (names the columns found and what would be accepted) or `E-FMT-MAP` (a wrong mapping).
 */
export function detectFormat(file: string, rows: readonly JsonObject[], options: DetectOptions): Detected {
  const sample = rows.slice(0, detectionRows);
  const chosen = chosenFormat(file, sample, options);
  const { format, columns, notices } = chosen ?? vote(file, sample);
  return { plan: completePlan(sample, format, columns, options), notices };
}

interface Vote {
  readonly format: DatasetFormat;
  readonly columns: ColumnMapping;
  readonly notices: readonly string[];
}

function vote(file: string, sample: readonly JsonObject[]): Vote {
  if (sample.every((row) => Object.hasOwn(row, 'input_ids'))) {
    throw columnsFailure(file, sample, 'The rows are already tokens (input_ids), which is not read yet: give the text.');
  }
  const counts = new Map<DatasetFormat, number>();
  for (const row of sample) {
    const first = fittingFormats(row)[0];
    if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  let best: DatasetFormat | undefined;
  for (const format of datasetFormatSchema.options) {
    if ((counts.get(format) ?? 0) > (best === undefined ? 0 : (counts.get(best) ?? 0))) best = format;
  }
  if (best !== undefined && best !== 'messages' && best !== 'conversations') refuseLonePrompt(file, sample);
  if (best !== undefined) return { format: best, columns: columnsFor(best, sample), notices: passedOver(best, sample) };
  const only = singleStringColumn(sample);
  if (only === undefined) throw columnsFailure(file, sample);
  return { format: 'text', columns: { text: only }, notices: [`The only column, ${quoted(only)}, was read as text.`] };
}

/** `prompt` without `completion`: upstream fails on it, and to train on another column would be a guess. */
function refuseLonePrompt(file: string, sample: readonly JsonObject[]): void {
  const lone = sample.filter((row) => Object.hasOwn(row, 'prompt') && !Object.hasOwn(row, 'completion'));
  if (lone.length * 2 <= sample.length) return;
  throw columnsFailure(file, sample, 'There is a prompt column but no completion: map the column that holds the answer.');
}

/** ShareGPT turns may stand in a column called messages. */
function columnsFor(format: DatasetFormat, sample: readonly JsonObject[]): ColumnMapping {
  const inMessages = format === 'conversations' && !sample.some((row) => Object.hasOwn(row, 'conversations'));
  return inMessages ? { conversations: 'messages' } : {};
}

/** Formats that the columns would have allowed too: training on something else than meant must not be silent. */
function passedOver(best: DatasetFormat, sample: readonly JsonObject[]): readonly string[] {
  const used = sample.map((row) => fittingFormats(row)).filter((formats) => formats.includes(best));
  const others = new Set(used.flat());
  others.delete(best);
  const notices = [...others].map((other) => `Columns of the format ${other} are there too; they were not used, ${best} comes first.`);
  const lonePrompt = sample.some((row) => Object.hasOwn(row, 'prompt') && !Object.hasOwn(row, 'completion'));
  if (lonePrompt) notices.push(`The column prompt was not used; ${best} comes first.`);
  return notices;
}

function singleStringColumn(sample: readonly JsonObject[]): string | undefined {
  const names = new Set(sample.flatMap((row) => Object.keys(row)));
  const [only] = names;
  if (names.size !== 1 || only === undefined) return undefined;
  return sample.some((row) => Object.hasOwn(row, only) && typeof row[only] === 'string') ? only : undefined;
}

function completePlan(
  sample: readonly JsonObject[],
  format: DatasetFormat,
  columns: ColumnMapping,
  options: DetectOptions,
): ImportPlan {
  const finder = new TurnKeyFinder();
  let chats = 0;
  let fitting = 0;
  for (const row of sample) {
    for (const turn of asList(fieldOf(row, columns, 'conversations')) ?? []) if (isJsonObject(turn)) finder.add(turn);
    if (format !== 'prompt-completion' || !fitsFormat(row, format, columns)) continue;
    fitting += 1;
    if (isConversational(row, columns)) chats += 1;
  }
  return {
    format,
    columns,
    pairs: options.pairs ?? 'chat',
    turnKeys: finder.keys(),
    conversational: chats * 2 > fitting,
  };
}
