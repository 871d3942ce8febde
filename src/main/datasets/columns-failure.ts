import { AppError } from '../../shared/lib/app-error.ts';
import { quoted, type JsonObject } from './readers/source-record.ts';

const accepted =
  'messages; conversations; prompt + completion; instruction + output (+ input); instruct + label (+ input, label as text); ' +
  'question + answer; text (also by usual other names, such as query + response or 问题 + 回答); or one column of strings';

/** `E-FMT-COLS`: what was found, what would do. */
export function columnsFailure(file: string, sample: readonly JsonObject[], why?: string, remedy?: string): AppError {
  const columns = [...new Set(sample.flatMap((row) => Object.keys(row)))].slice(0, 50);
  const listed = columns.map((name) => quoted(name)).join(', ');
  return new AppError({
    code: 'E-FMT-COLS',
    message: `${file}: ${why ?? 'no known format fits its columns.'} Columns found: ${listed === '' ? 'none' : listed}.`,
    data: { file, columns },
    remedy: remedy ?? `Accepted columns: ${accepted}. Otherwise name yours in dataset.mapping of the recipe, e.g. dataset.mapping.prompt=your_column and dataset.mapping.completion=other_column.`,
  });
}
