import { datasetFormatSchema, type DatasetFormat } from '../../shared/domain/dataset.ts';
import { chosenFormat, type DetectOptions } from './chosen-format.ts';
import { columnsByNames, formatByNames, optionalColumns } from './column-names.ts';
import { columnsFailure } from './columns-failure.ts';
import type { Note } from './finding-book.ts';
import { fitsFormat, fittingFormats, isConversational } from './fits-format.ts';
import { asList, fieldOf, formatFields, type ColumnMapping, type ImportPlan } from './import-plan.ts';
import { textPaths } from './nested-cells.ts';
import { maybeRow } from './no-header.ts';
import { isJsonObject, kindOf, quoted, type JsonObject } from './readers/source-record.ts';
import { TurnKeyFinder } from './turn-keys.ts';

/** Rows that decide the format (the same ten Unsloth looks at). */
export const detectionRows = 10;

export interface Detected {
  readonly plan: ImportPlan;
  readonly notes: readonly Note[];
}

/**
 * Decides how a file is read from its first rows. Each row votes for the first format it fits, in the order of
 * spec 1.5; the majority wins and ties go to the earlier format, so one odd first row cannot refuse all others. Where none
 * fits by its own names, other usual names of columns are tried (`column-names.ts`).
 *
 * Throws `AppError` `E-FMT-COLS` (names the columns found and what would be accepted) or `E-FMT-MAP` (a wrong mapping).
 */
export function detectFormat(file: string, rows: readonly JsonObject[], options: DetectOptions): Detected {
  const sample = rows.slice(0, detectionRows);
  const { format, columns, notes } = chosenFormat(file, sample, options) ?? vote(file, sample, options.sources);
  const all = { ...columns, ...optionalColumns(format, sample, columns) };
  return { plan: completePlan(sample, format, all, options), notes: [...notes, ...namesTold(format, all, options)] };
}

interface Vote {
  readonly format: DatasetFormat;
  readonly columns: ColumnMapping;
  readonly notes: readonly Note[];
}

function vote(file: string, sample: readonly JsonObject[], sources: readonly number[] = []): Vote {
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
  refusePreferences(file, sample);
  const lone = best === undefined || best === 'text' ? lonePrompt(sample) : false;
  if (best !== undefined && !lone) return { format: best, columns: columnsFor(best, sample), notes: passedOver(best, sample) };
  const named = formatByNames(sample);
  if (named !== null && named.format !== 'text') return { ...named, notes: [] };
  // To train on another column than the prompt's would be a guess.
  if (lone) throw columnsFailure(file, sample, 'There is a prompt column but no completion: map the column that holds the answer.');
  const only = singleStringColumn(sample);
  const wrong = only === undefined ? wrongCells(sample, sources) : undefined;
  // A passage beside a question whose answers are no text is not what the file is about.
  if (named !== null && wrong === undefined) return { ...named, notes: [] };
  if (only !== undefined) return { format: 'text', columns: { text: only }, notes: maybeRow(file, only) };
  if (wrong === undefined) throw columnsFailure(file, sample);
  const within = textPaths(sample[0] ?? {}).find(({ path }) => wrong.includes(quoted(path.slice(0, path.indexOf('.')))));
  const part = within === undefined ? '' : `Map a part of it, such as ${quoted(within.path)}. Or write`;
  throw columnsFailure(
    file,
    sample,
    wrong,
    `${part === '' ? 'Write' : part} that column as text (in Python: str(…) for a number, json.dumps(…, ensure_ascii=False) for an object, the first item of a list), or map another column.`,
  );
}

function lonePrompt(sample: readonly JsonObject[]): boolean {
  return sample.filter((row) => Object.hasOwn(row, 'prompt') && !Object.hasOwn(row, 'completion')).length * 2 > sample.length;
}

/** Pairs of a better and a worse answer are for preference training, which this is not. */
function refusePreferences(file: string, sample: readonly JsonObject[]): void {
  const preferences = sample.filter((row) => Object.hasOwn(row, 'chosen') && Object.hasOwn(row, 'rejected'));
  if (preferences.length * 2 <= sample.length) return;
  throw columnsFailure(
    file,
    sample,
    'this is preference data (chosen and rejected answers), and fine-tuning learns from one answer.',
    'To learn the chosen answers, name the columns in dataset.mapping, such as {"messages": "chosen"} where they are conversations, or {"question": "prompt", "answer": "chosen"} where they are text; the rejected ones are not used.',
  );
}

/** Where the columns would do and their cells are no text: which column, and what is in it. */
function wrongCells(sample: readonly JsonObject[], sources: readonly number[]): string | undefined {
  for (const format of datasetFormatSchema.options) {
    const columns = columnsByNames(format, sample);
    const usable =
      format === 'messages' || format === 'conversations'
        ? (cell: unknown) => asList(cell) !== undefined
        : (cell: unknown) => typeof cell === 'string';
    const column = formatFields[format].required.map((field) => columns?.[field] ?? field).find((name) => !sample.some((row) => usable(row[name])));
    if (columns === null || column === undefined) continue;
    const at = sample.findIndex((row) => Object.hasOwn(row, column) && row[column] !== null);
    if (at === -1) return `the column ${quoted(column)} is null in every row that was looked at.`;
    const wanted = format === 'messages' || format === 'conversations' ? 'a list of turns, such as [{"role": "user", "content": "…"}]' : 'text';
    return `it has the columns of ${format}, but ${quoted(column)} must be ${wanted}, and in row ${sources[at] ?? at + 1} it is ${kindOf(sample[at]![column])}.`;
  }
  return undefined;
}

/** Columns that were taken for something by another name than its own: it must be seen that they were. */
function namesTold(format: DatasetFormat, columns: ColumnMapping, { mapping }: DetectOptions): readonly Note[] {
  const fields = [...formatFields[format].required, ...formatFields[format].optional];
  const renamed = fields.filter((field) => columns[field] !== undefined && columns[field] !== field && mapping?.[field] === undefined);
  if (renamed.length === 0) return [];
  const list = renamed.map((field) => `${quoted(columns[field]!)} as ${field}`).join(', ');
  return [
    {
      code: 'COLUMN-NAMES',
      level: 'note',
      message: `Columns were recognised by their names: ${list}.`,
      remedy: 'Choose the format or the columns yourself if this is not what they are.',
    },
  ];
}

/** ShareGPT turns may stand in a column called messages. */
function columnsFor(format: DatasetFormat, sample: readonly JsonObject[]): ColumnMapping {
  const inMessages = format === 'conversations' && !sample.some((row) => Object.hasOwn(row, 'conversations'));
  return inMessages ? { conversations: 'messages' } : {};
}

/** Formats that the columns would have allowed too: training on something else than meant must not be silent. */
function passedOver(best: DatasetFormat, sample: readonly JsonObject[]): readonly Note[] {
  const used = sample.map((row) => fittingFormats(row)).filter((formats) => formats.includes(best));
  const others = new Set(used.flat());
  others.delete(best);
  return [...others].map((other) => ({
    code: 'OTHER-FORMAT',
    level: 'warning',
    message: `The columns of the format ${other} are there too and are not used: ${best} comes first.`,
    remedy: `Choose the format ${other} if that is what you want to train on.`,
  }));
}

function singleStringColumn(sample: readonly JsonObject[]): string | undefined {
  const names = new Set(sample.flatMap((row) => Object.keys(row)));
  const [only] = names;
  if (names.size !== 1 || only === undefined) return undefined;
  return sample.some((row) => Object.hasOwn(row, only) && typeof row[only] === 'string') ? only : undefined;
}

function completePlan(sample: readonly JsonObject[], format: DatasetFormat, columns: ColumnMapping, options: DetectOptions): ImportPlan {
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
