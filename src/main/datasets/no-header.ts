/** @file CSV files whose first line is a row already. Their columns are chosen by number. */
import { extname } from 'node:path';
import { cutText } from './cut-value.ts';
import type { Note } from './finding-book.ts';
import { numberedColumn } from './readers/csv.ts';
import { quoted } from './readers/source-record.ts';

interface Column {
  readonly name: string;
  readonly samples: readonly string[];
}

const MOST_NAME = 40;

export function hasHeader(file: string): boolean {
  return ['.csv', '.tsv'].includes(extname(file).toLowerCase());
}

/** Whether what stands where a column's name should reads as a sentence or a number. */
export function looksLikeCell(name: string): boolean {
  const text = name.trim();
  return text.length > MOST_NAME || /^-?\d/.test(text) || /[.!?。！？]$/.test(text) || text.split(/\s+/).length > 2;
}

/** For a file that is one column: its name may be the first text. */
export function maybeRow(file: string, name: string): readonly Note[] {
  if (!hasHeader(file) || !looksLikeCell(name)) return [];
  return [
    {
      code: 'HEADER-ROW',
      level: 'warning',
      message: `The first line, ${quoted(name)}, was taken as the name of the column and is not learned.`,
      remedy: 'If it is a row, read the text from "column 1" (dataset.mapping.text="column 1").',
    },
  ];
}

/** The same columns by number, as they are if the first line is a row. */
export function columnsByNumber(columns: readonly Column[], length: number): readonly Column[] {
  const names = new Set(columns.map(({ name }) => name));
  return columns
    .map(({ name, samples }, index) => ({ name: numberedColumn(index), samples: [cutText(name, length), ...samples.slice(0, 2)] }))
    .filter(({ name }) => !names.has(name));
}
