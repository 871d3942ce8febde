import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import type { DatasetSummary, FileSketch, Reading } from '../../../shared/domain/dataset-record.ts';
import { exactText } from '../../../shared/lib/exact-json.ts';

/** One part of a row for the table and for previews: who says it, and what. */
export interface Part {
  readonly role: string;
  readonly text: string;
}

/** A row as parts, in order. Text from files is only ever shown as text. */
export function partsOf(row: CanonicalRow): readonly Part[] {
  switch (row.kind) {
    case 'text':
      return [{ role: 'text', text: row.text }];
    case 'prompt-completion':
      return [
        { role: 'prompt', text: row.prompt },
        { role: 'completion', text: row.completion },
      ];
    case 'messages':
      return row.messages.map(partOf);
    case 'chat-prompt-completion':
      return [...row.prompt, ...row.completion].map(partOf);
  }
}

function partOf(message: Message): Part {
  return { role: message.role, text: contentText(message) };
}

/** Text of a turn; content that is a list of parts is shown as it stands. */
export function contentText({ content }: Message): string {
  return typeof content === 'string' ? content : content === null ? '' : exactText(content);
}

/** A row in the table: what was asked last and what answers it. Whatever stands before is told by number. */
export interface RowCells {
  /** Empty where nothing asks: plain text takes the whole width. */
  readonly asked: string;
  readonly learned: string;
  /** The system prompt, which is often the same in every row. */
  readonly system: string | null;
  /** Turns before the question shown, the system prompt not counted. */
  readonly earlierTurns: number;
}

export function cellsOf(row: CanonicalRow): RowCells {
  if (row.kind === 'text') return { asked: '', learned: row.text, system: null, earlierTurns: 0 };
  if (row.kind === 'prompt-completion') return { asked: row.prompt, learned: row.completion, system: null, earlierTurns: 0 };
  const parts = partsOf(row);
  const turns = parts.filter(({ role }) => role !== 'system');
  const answer = turns.findLastIndex(({ role }) => role === 'assistant');
  const question = turns.slice(0, answer === -1 ? turns.length : answer).findLastIndex(({ role }) => role === 'user');
  return {
    asked: turns[question]?.text ?? '',
    learned: turns[answer]?.text ?? '',
    system: parts.find(({ role }) => role === 'system')?.text ?? null,
    earlierTurns: Math.max(0, question),
  };
}

/** A row with one part's text changed; nothing else of it is touched. */
export function withPart(row: CanonicalRow, index: number, part: Part): CanonicalRow {
  const change = (message: Message): Message => ({ ...message, role: part.role, content: part.text });
  switch (row.kind) {
    case 'text':
      return { ...row, text: part.text };
    case 'prompt-completion':
      return index === 0 ? { ...row, prompt: part.text } : { ...row, completion: part.text };
    case 'messages':
      return { ...row, messages: row.messages.map((message, i) => (i === index ? change(message) : message)) };
    case 'chat-prompt-completion': {
      const split = row.prompt.length;
      return {
        ...row,
        prompt: row.prompt.map((message, i) => (i === index ? change(message) : message)),
        completion: row.completion.map((message, i) => (i + split === index ? change(message) : message)),
      };
    }
  }
}

/** A row with a turn more at its end, or one less; only conversations have turns to add and take. */
export function withTurns(
  row: CanonicalRow,
  change: { readonly kind: 'add'; readonly role: string } | { readonly kind: 'remove'; readonly index: number },
): CanonicalRow {
  const turn = (role: string): Message => ({ role, content: '' });
  if (row.kind === 'messages') {
    return { ...row, messages: change.kind === 'add' ? [...row.messages, turn(change.role)] : row.messages.filter((_, i) => i !== change.index) };
  }
  if (row.kind !== 'chat-prompt-completion') return row;
  if (change.kind === 'add') return { ...row, completion: [...row.completion, turn(change.role)] };
  const split = row.prompt.length;
  return { ...row, prompt: row.prompt.filter((_, i) => i !== change.index), completion: row.completion.filter((_, i) => i + split !== change.index) };
}

/** An empty row of the same kind, to be filled in. */
export function emptyRow(like: CanonicalRow): CanonicalRow {
  switch (like.kind) {
    case 'text':
      return { kind: 'text', source: 0, text: '' };
    case 'prompt-completion':
      return { kind: 'prompt-completion', source: 0, prompt: '', completion: '' };
    case 'messages':
      return {
        kind: 'messages',
        source: 0,
        messages: [
          { role: 'user', content: '' },
          { role: 'assistant', content: '' },
        ],
      };
    case 'chat-prompt-completion':
      return { kind: 'chat-prompt-completion', source: 0, prompt: [{ role: 'user', content: '' }], completion: [{ role: 'assistant', content: '' }] };
  }
}

/** Parts of the chosen format with the column each is read from; null where a person has to choose. */
export interface MappedPart {
  readonly field: string;
  readonly required: boolean;
  readonly column: string | null;
}

export function mappedParts(sketch: FileSketch, reading: Reading): readonly MappedPart[] {
  const format = sketch.outcome.kind === 'readable' ? sketch.outcome.format : reading.format;
  const parts = sketch.formats.find((each) => each.format === format);
  if (parts === undefined) return [];
  const names = new Set(sketch.columns.map(({ name }) => name));
  const found = sketch.outcome.kind === 'readable' ? sketch.outcome.mapping : {};
  const columnOf = (field: string) => reading.mapping?.[field] ?? found[field] ?? (names.has(field) ? field : null);
  return [
    ...parts.required.map((field) => ({ field, required: true, column: columnOf(field) })),
    ...parts.optional.map((field) => ({ field, required: false, column: columnOf(field) })),
  ];
}

/** The reading after a person has chosen a column for a part. Parts read from a column of their own name need no mapping. */
export function withColumn(reading: Reading, parts: readonly MappedPart[], format: Reading['format'], field: string, column: string | null): Reading {
  const chosen = parts.map((part) => (part.field === field ? { ...part, column } : part));
  const mapping = Object.fromEntries(
    chosen.flatMap((part) => (part.column === null || part.column === part.field ? [] : [[part.field, part.column]])),
  );
  return { ...reading, format, mapping: Object.keys(mapping).length === 0 ? null : mapping };
}

export type DatasetSort = 'name' | 'rows' | 'format' | 'updatedAt';

export function shownDatasets(
  datasets: readonly DatasetSummary[],
  search: string,
  sort: { readonly key: DatasetSort; readonly descending: boolean },
): readonly DatasetSummary[] {
  const value: { readonly [K in DatasetSort]: (each: DatasetSummary) => string | number } = {
    name: ({ name }) => name.toLowerCase(),
    rows: ({ edits }) => edits.rows,
    format: ({ version }) => version.format,
    updatedAt: ({ updatedAt }) => updatedAt,
  };
  const of = value[sort.key];
  return datasets
    .filter(({ name, sourceName }) => `${name} ${sourceName}`.toLowerCase().includes(search.trim().toLowerCase()))
    .sort((x, y) => (of(x) < of(y) ? -1 : of(x) > of(y) ? 1 : 0) * (sort.descending ? -1 : 1));
}
