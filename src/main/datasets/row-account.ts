/** @file The one account of an import: every row is written or set aside, and what was found on the way is told with its rows. */
import type { BadRow, CanonicalRow, DatasetFormat } from '../../shared/domain/dataset.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { exactText } from '../../shared/lib/exact-json.ts';
import { convertRow } from './canonical/convert-row.ts';
import { refuse } from './canonical/row-result.ts';
import { DuplicateRows } from './duplicate-rows.ts';
import type { FindingBook, Note } from './finding-book.ts';
import { formatFields, type ImportPlan } from './import-plan.ts';
import { quoted, type JsonObject, type SourceRecord } from './readers/source-record.ts';

/** Text of a row that was set aside, kept to be shown and mended. */
const MOST_TEXT = 64 * 1024;
/** Columns that change what is learned elsewhere: leaving them out is more than a note. */
const MEANT: ReadonlySet<string> = new Set([
  'system',
  'history',
  'context',
  'input',
  'tools',
  'reasoning',
  'thinking',
  'reasoning_content',
  'rejected',
]);

export type Taken = { readonly row: CanonicalRow; readonly line: string } | { readonly bad: BadRow };

/** Takes the rows of a file in order, by one plan. */
export class RowAccount {
  rows = 0;
  bad = 0;
  readonly #plan: ImportPlan;
  readonly #book: FindingBook;
  readonly #used: ReadonlySet<string>;
  /** Columns of which a path takes a part. */
  readonly #usedWithin: ReadonlySet<string>;
  readonly #duplicates = new DuplicateRows();

  constructor(plan: ImportPlan, book: FindingBook) {
    this.#plan = plan;
    this.#book = book;
    this.#used = usedColumns(plan);
    this.#usedWithin = new Set([...this.#used].filter((name) => name.includes('.')).map((name) => name.slice(0, name.indexOf('.'))));
  }

  take(record: SourceRecord): Taken {
    const notes: Note[] = [];
    const taken = 'error' in record ? { bad: badRow(record.source, record.error, record.text) } : this.#convert(record, notes);
    if ('bad' in taken) {
      this.bad += 1;
      this.#book.add(SET_ASIDE, { source: record.source, position: null });
      return taken;
    }
    const name = { source: record.source, position: this.rows };
    this.rows += 1;
    for (const note of new Map(notes.map((one) => [`${one.code} ${one.message}`, one])).values()) this.#book.add(note, name);
    if (this.#duplicates.seen(taken.row)) this.#book.add(DUPLICATE, name);
    return taken;
  }

  findings(): readonly Finding[] {
    if (!this.#duplicates.complete)
      this.#book.add(
        { code: 'DUPLICATES-PARTLY', level: 'note', message: 'Duplicates were looked for among the first four million different rows only.' },
        null,
      );
    return this.#book.list();
  }

  #convert(record: Extract<SourceRecord, { readonly value: JsonObject }>, notes: Note[]): Taken {
    const { source, value } = record;
    const note = (one: Note) => void notes.push(one);
    record.notes?.forEach(note);
    const row = Object.keys(value).length === 0 ? refuse('the row is an empty object') : convertRow(value, source, { plan: this.#plan, note });
    if (row.kind === 'refused') return { bad: badRow(source, row.reason, textOf(record)) };
    this.#noteUnused(value, note);
    try {
      return { row, line: JSON.stringify(row) };
    } catch (error) {
      // JSON.parse takes any depth, JSON.stringify overflows the stack: thousands of nested brackets are an attack or a mistake.
      if (error instanceof RangeError) return { bad: badRow(source, 'the row is nested too deeply or too long to write', undefined) };
      throw error;
    }
  }

  #noteUnused(row: JsonObject, note: (one: Note) => void): void {
    for (const [name, value] of Object.entries(row)) {
      if (this.#used.has(name) || value === null || value === '' || this.#usedWithin.has(name)) continue;
      const level = MEANT.has(name.toLowerCase()) ? 'warning' : 'note';
      note({ code: 'UNUSED-COLUMN', level, message: `The column ${quoted(name)} is not used.` });
    }
  }
}

const SET_ASIDE: Note = {
  code: 'SET-ASIDE',
  level: 'problem',
  message: 'Rows could not be used and were set aside.',
  remedy: 'Each is listed with its reason; mend it and it joins the others.',
};
const DUPLICATE: Note = {
  code: 'DUPLICATE',
  level: 'warning',
  message: 'Rows say the same as an earlier row.',
  remedy: 'Delete them, unless they are meant to count more than once.',
};

/** A format's columns; a column of the right name is used even where the mapping gives its part to another. */
function usedColumns({ format, columns, pairs }: ImportPlan): ReadonlySet<string> {
  const fields = [...formatFields[format].required, ...formatFields[format].optional];
  const unwritten: readonly string[] = pairs === 'headings' ? ['system', 'history'] : [];
  return new Set(fields.filter((field) => !unwritten.includes(field) || !PAIRS.has(format)).map((field) => columns[field] ?? field));
}

const PAIRS: ReadonlySet<DatasetFormat> = new Set(['instruction-output', 'instruct-label', 'question-answer']);

function badRow(source: number, reason: string, text: string | undefined): BadRow {
  if (text === undefined) return { source, reason };
  return text.length > MOST_TEXT ? { source, reason, text: text.slice(0, MOST_TEXT), cut: true } : { source, reason, text };
}

/** The row as its file has it; cells of a CSV as an object, which can be mended without knowing about quotes. */
function textOf({ text, value }: { readonly text?: string; readonly value: JsonObject }): string | undefined {
  if (text !== undefined) return text;
  try {
    return exactText(value);
  } catch {
    // Too deep to be written; the reason stands without it.
    return undefined;
  }
}
