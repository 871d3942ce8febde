import { datasetFormatSchema, type DatasetFormat, type PairStyle } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { columnsByNames } from './column-names.ts';
import { columnsFailure } from './columns-failure.ts';
import type { Note } from './finding-book.ts';
import { cellOf, fieldNames, formatFields, type ColumnMapping, type Field } from './import-plan.ts';
import { quoted, type JsonObject } from './readers/source-record.ts';

export interface DetectOptions {
  readonly format?: DatasetFormat | undefined;
  readonly mapping?: ColumnMapping | undefined;
  readonly pairs?: PairStyle | undefined;
  /** Rows of the file that the sample is, for messages; counted from 1 where they are not given. */
  readonly sources?: readonly number[] | undefined;
}

interface Chosen {
  readonly format: DatasetFormat;
  readonly columns: ColumnMapping;
  readonly notes: readonly Note[];
}

/**
 * The format the user chose, or the one a mapping's fields belong to; null when neither was given. Throws
 * `AppError` `E-FMT-MAP` for a mapping that fits no format, `E-FMT-COLS` when no sampled row has a required column.
 */
export function chosenFormat(file: string, sample: readonly JsonObject[], options: DetectOptions): Chosen | null {
  const mapping = options.mapping ?? {};
  const fields = Object.keys(mapping);
  if (options.format === undefined && fields.length === 0) return null;
  for (const field of fields) {
    if (!isField(field)) throw mappingFailure(`${quoted(field)} is no part of any format`);
  }
  const format = options.format ?? formatOf(fields as readonly Field[]);
  const { required, optional } = formatFields[format];
  const foreign = (fields as readonly Field[]).find((field) => !required.includes(field) && !optional.includes(field));
  if (foreign !== undefined) throw mappingFailure(`the format ${format} has no part called ${quoted(foreign)}`);
  const has = (column: string) => sample.some((row) => cellOf(row, column) !== undefined);
  const columns = { ...namedColumns(format, sample, has), ...fallbackColumns(format, has), ...mapping };
  const wanted = [...required, ...(fields as readonly Field[])].map((field) => columns[field] ?? field);
  const missing = wanted.find((column) => !has(column));
  if (missing !== undefined) {
    throw columnsFailure(file, sample, `to read it as ${format} it must have a column ${quoted(missing)}.`);
  }
  return { format, columns, notes: [] };
}

function isField(name: string): name is Field {
  return (fieldNames as readonly string[]).includes(name);
}

/** The first format all of whose required fields are mapped, or that at least has every mapped field. */
function formatOf(fields: readonly Field[]): DatasetFormat {
  const formats = datasetFormatSchema.options.filter((format) => {
    const { required, optional } = formatFields[format];
    return fields.every((field) => required.includes(field) || optional.includes(field));
  });
  const complete = formats.find((format) => formatFields[format].required.every((field) => fields.includes(field)));
  const format = complete ?? formats.find((candidate) => formatFields[candidate].required.some((f) => fields.includes(f)));
  if (format === undefined) throw mappingFailure(`no format is made of ${fields.join(' + ')}`);
  return format;
}

/** A chosen format's columns by their other usual names, where the file has none of the format's own. */
function namedColumns(format: DatasetFormat, sample: readonly JsonObject[], has: (column: string) => boolean): ColumnMapping {
  return formatFields[format].required.some((field) => has(field)) ? {} : (columnsByNames(format, sample) ?? {});
}

/** ShareGPT turns and messages may stand under each other's name. */
function fallbackColumns(format: DatasetFormat, has: (column: string) => boolean): ColumnMapping {
  if (format === 'conversations' && !has('conversations') && has('messages')) return { conversations: 'messages' };
  if (format === 'messages' && !has('messages') && has('conversations')) return { messages: 'conversations' };
  return {};
}

function mappingFailure(why: string): AppError {
  const formats = datasetFormatSchema.options.map((format) => {
    const { required, optional } = formatFields[format];
    return `${required.join(' + ')}${optional.length === 0 ? '' : ` (+ ${optional.join(', ')})`}`;
  });
  return new AppError({
    code: 'E-FMT-MAP',
    message: `The column mapping cannot be used: ${why}.`,
    remedy: `Map the parts of one format: ${formats.join('; ')}.`,
  });
}
