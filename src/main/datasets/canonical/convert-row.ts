import type { DatasetFormat } from '../../../shared/domain/dataset.ts';
import { fittingFormats } from '../fits-format.ts';
import { fieldOf, formatFields } from '../import-plan.ts';
import { quoted, type JsonObject } from '../readers/source-record.ts';
import { convertConversations } from './conversations.ts';
import { convertInstructLabel } from './instruct-label.ts';
import { convertInstructionOutput } from './instruction-output.ts';
import { convertMessages } from './messages.ts';
import { convertPromptCompletion } from './prompt-completion.ts';
import { convertQuestionAnswer } from './question-answer.ts';
import { columnOf, refuse, type ConvertContext, type Converter, type RowResult } from './row-result.ts';
import { convertText } from './text.ts';

const converters: { readonly [F in DatasetFormat]: Converter } = {
  messages: convertMessages,
  conversations: convertConversations,
  'prompt-completion': convertPromptCompletion,
  'instruction-output': convertInstructionOutput,
  'instruct-label': convertInstructLabel,
  'question-answer': convertQuestionAnswer,
  text: convertText,
};

/** Converts one row by the file's plan. A row of another format is refused, not read differently (E-FMT-MIXED). */
export function convertRow(row: JsonObject, source: number, context: ConvertContext): RowResult {
  const { format, columns } = context.plan;
  const missing = formatFields[format].required.find((field) => fieldOf(row, columns, field) === undefined);
  if (missing === undefined) return converters[format](row, source, context);
  const other = fittingFormats(row).find((candidate) => candidate !== format);
  if (other !== undefined) return refuse(`this row is of the format ${other}, the file is read as ${format}`);
  const names = Object.keys(row)
    .slice(0, 20)
    .map((name) => quoted(name));
  return refuse(`${columnOf(columns, missing)} is missing; the row has ${names.length === 0 ? 'no columns' : names.join(', ')}`);
}
