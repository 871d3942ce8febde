import { AppError } from '../../shared/lib/app-error.ts';
import { hasHeader, looksLikeCell } from './no-header.ts';
import { quoted, type JsonObject } from './readers/source-record.ts';

const accepted =
  'messages; conversations; prompt + completion; instruction + output (+ input); instruct + label (+ input, label as text); ' +
  'question + answer; text (also by usual other names, such as query + response or 问题 + 回答); or one column of strings';

const NO_HEADER = 'its first line looks like a row, and not like the names of its columns.';
const BY_NUMBER =
  'If the first line is a row, choose the columns by number (dataset.mapping.question="column 1" and dataset.mapping.answer="column 2"), or write a line above it with their names, such as question,answer.';

/** `E-FMT-COLS`: what was found, what would do. */
export function columnsFailure(file: string, sample: readonly JsonObject[], why?: string, remedy?: string): AppError {
  const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))].slice(0, 50);
  const listed = columns.map((name) => quoted(name)).join(', ');
  const isHeaderless = why === undefined && hasHeader(file) && columns.some(looksLikeCell);
  return new AppError({
    code: 'E-FMT-COLS',
    message: `${file}: ${why ?? (isHeaderless ? NO_HEADER : 'no known format fits its columns.')} Columns found: ${listed === '' ? 'none' : listed}.`,
    data: { file, columns },
    remedy:
      remedy ??
      (isHeaderless
        ? BY_NUMBER
        : `Accepted columns: ${accepted}. Otherwise name yours in dataset.mapping of the recipe, e.g. dataset.mapping.prompt=your_column and dataset.mapping.completion=other_column.${hasHeader(file) ? ` ${BY_NUMBER}` : ''}`),
  });
}
