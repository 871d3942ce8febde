import type { DatasetFormat, PairStyle } from '../../shared/domain/dataset.ts';
import { parseExact } from '../../shared/lib/exact-json.ts';
import { isJsonObject, type JsonObject } from './readers/source-record.ts';

/** The parts a format is made of; a mapping names the column that plays each. */
export const fieldNames = [
  'messages',
  'conversations',
  'prompt',
  'completion',
  'instruction',
  'input',
  'output',
  'instruct',
  'label',
  'question',
  'answer',
  'text',
  'system',
  'history',
  'tools',
  'chat_template_kwargs',
] as const;
export type Field = (typeof fieldNames)[number];
export type ColumnMapping = { readonly [F in Field]?: string };

interface FormatFields {
  readonly required: readonly Field[];
  readonly optional: readonly Field[];
}

const chatExtras = ['tools', 'chat_template_kwargs'] as const;
/** What LLaMA-Factory's Alpaca rows hold beside the pair: a system prompt, and earlier pairs. */
const pairExtras = ['system', 'history'] as const;

/** In the order of detection (spec 1.5). */
export const formatFields: { readonly [F in DatasetFormat]: FormatFields } = {
  messages: { required: ['messages'], optional: ['system', ...chatExtras] },
  conversations: { required: ['conversations'], optional: ['system', ...chatExtras] },
  'prompt-completion': { required: ['prompt', 'completion'], optional: chatExtras },
  'instruction-output': { required: ['instruction', 'output'], optional: ['input', ...pairExtras] },
  'instruct-label': { required: ['instruct', 'label'], optional: ['input', ...pairExtras] },
  'question-answer': { required: ['question', 'answer'], optional: pairExtras },
  text: { required: ['text'], optional: [] },
};

/** The two keys of a ShareGPT turn. */
export interface TurnKeys {
  readonly role: string;
  readonly content: string;
}

/** Everything a row is converted by; fixed before the first row is written, so all rows are read alike. */
export interface ImportPlan {
  readonly format: DatasetFormat;
  readonly columns: ColumnMapping;
  readonly pairs: PairStyle;
  readonly turnKeys: TurnKeys;
  /** prompt-completion only: messages (true) or strings. */
  readonly conversational: boolean;
}

/** What the row holds for a field; undefined when the column is absent. Own properties only: keys are hostile. */
export function fieldOf(row: JsonObject, columns: ColumnMapping, field: Field): unknown {
  return cellOf(row, columns[field] ?? field);
}

/** What stands in a column, or within its object or list by a path such as `answers.text.0`; undefined where nothing does. */
export function cellOf(row: JsonObject, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column];
  if (!column.includes('.')) return undefined;
  let cell: unknown = row;
  for (const part of column.split('.')) {
    if (Array.isArray(cell)) cell = /^\d{1,6}$/.test(part) ? cell[Number(part)] : undefined;
    else cell = isJsonObject(cell) && Object.hasOwn(cell, part) ? cell[part] : undefined;
  }
  return cell;
}

/** A list, or the list that a string cell holds as JSON (CSV, exported `tools`); undefined for anything else. */
export function asList(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('[')) return undefined;
  try {
    const parsed = parseExact(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: the caller reports the cell for what it is, a string.
    return undefined;
  }
}
