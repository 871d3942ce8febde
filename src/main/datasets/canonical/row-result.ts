import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import type { NoteTaker } from '../finding-book.ts';
import { fieldOf, type ColumnMapping, type Field, type ImportPlan } from '../import-plan.ts';
import { kindOf, quoted, type JsonObject } from '../readers/source-record.ts';

/** A row as the engine takes it, or why it cannot be. */
export type RowResult = CanonicalRow | Refusal;
export interface Refusal {
  readonly kind: 'refused';
  readonly reason: string;
}

export interface ConvertContext {
  readonly plan: ImportPlan;
  /** Tells what was done to the row beyond renaming columns, and what is odd about it. */
  readonly note: NoteTaker;
}

export type Converter = (row: JsonObject, source: number, context: ConvertContext) => RowResult;

export function refuse(reason: string): Refusal {
  return { kind: 'refused', reason };
}

/** The string of a required field; a refusal that names the column otherwise. */
export function requiredText(row: JsonObject, columns: ColumnMapping, field: Field): string | Refusal {
  const value = fieldOf(row, columns, field);
  return typeof value === 'string' ? value : refuse(`${columnOf(columns, field)} must be text, it is ${kindOf(value)}`);
}

/** What is to be learned: white space alone would teach the model to say nothing. */
export function answerText(row: JsonObject, columns: ColumnMapping, field: Field): string | Refusal {
  const text = requiredText(row, columns, field);
  if (typeof text !== 'string' || text.trim() !== '') return text;
  return refuse(`${columnOf(columns, field)} is ${text === '' ? 'empty' : 'blank'}`);
}

/** The string of an optional field; absent and null are the empty string. */
export function optionalText(row: JsonObject, columns: ColumnMapping, field: Field): string | Refusal {
  const value = fieldOf(row, columns, field) ?? '';
  return typeof value === 'string' ? value : refuse(`${columnOf(columns, field)} must be text, it is ${kindOf(value)}`);
}

export function columnOf(columns: ColumnMapping, field: Field): string {
  return `column ${quoted(columns[field] ?? field)}`;
}
