/** @file Names that files give the parts of a format. A file's own columns with the format's names always come first. */
import { datasetFormatSchema, type DatasetFormat } from '../../shared/domain/dataset.ts';
import { fitsFormat } from './fits-format.ts';
import { formatFields, type ColumnMapping, type Field } from './import-plan.ts';
import type { JsonObject } from './readers/source-record.ts';

/** In lower case, without spaces and underscores; the first that a file has is taken. */
const NAMES: { readonly [F in Field]?: readonly string[] } = {
  messages: ['message', '消息', '訊息', 'dialog', 'dialogue', 'chat', '对话', '對話'],
  conversations: ['conversation', 'dialog', 'dialogue', 'chat', '对话', '對話', '会话', '會話'],
  instruction: ['instructions', '指令', '指示', '任务', '任務'],
  input: ['context', '输入', '輸入', '上下文'],
  output: ['outputs', 'response', 'answer', 'completion', 'target', '输出', '輸出', '回答', '答案', '回复', '回覆', '回應', '回应', '响应', '響應'],
  question: [
    'questions',
    'query',
    'prompt',
    'problem',
    'input',
    'inputs',
    'source',
    'user',
    'human',
    'q',
    '问题',
    '問題',
    '提问',
    '提問',
    '问',
    '問',
    '用户',
    '用戶',
    '输入',
    '輸入',
  ],
  answer: [
    'answers',
    'response',
    'completion',
    'reply',
    'solution',
    'output',
    'outputs',
    'target',
    'targets',
    'assistant',
    'bot',
    'gpt',
    'a',
    '回答',
    '答案',
    '答',
    '回复',
    '回覆',
    '答复',
    '答覆',
    '回應',
    '回应',
    '助手',
    '输出',
    '輸出',
  ],
  text: ['texts', 'content', 'review', 'sentence', 'document', 'story', 'body', 'article', 'passage', '文本', '正文', '内容', '內容'],
  system: ['systemprompt', 'systemmessage', '系统', '系統', '系统提示', '系統提示', '系统提示词', '系統提示詞'],
  history: ['历史', '歷史', '历史对话', '歷史對話'],
  tools: ['functions', 'tool', '工具'],
};

/** Formats that are known by other names too, in order. Prompt and completion by another name are a question and its answer. */
const ALIASED: readonly DatasetFormat[] = datasetFormatSchema.options.filter(
  (format) => format !== 'prompt-completion' && format !== 'instruct-label',
);

interface NamedFormat {
  readonly format: DatasetFormat;
  readonly columns: ColumnMapping;
}

/** The first format that most of the sampled rows fit by other names of its columns, or null. */
export function formatByNames(sample: readonly JsonObject[]): NamedFormat | null {
  for (const format of ALIASED) {
    const columns = columnsByNames(format, sample);
    if (columns !== null && sample.filter((row) => fitsFormat(row, format, columns)).length * 2 > sample.length) return { format, columns };
  }
  return null;
}

/** The columns that a format's parts have by their names, whatever is in them; null where one that is needed is missing. */
export function columnsByNames(format: DatasetFormat, sample: readonly JsonObject[]): ColumnMapping | null {
  const given = new Map<string, string>();
  for (const name of sample.flatMap((row) => Object.keys(row))) if (!given.has(plainName(name))) given.set(plainName(name), name);
  const columns: { [F in Field]?: string } = {};
  for (const field of formatFields[format].required) {
    const column = columnFor(field, given, Object.values(columns));
    if (column === undefined) return null;
    columns[field] = column;
  }
  return { ...columns, ...optionalColumns(format, sample, columns) };
}

/** Parts a format may have, under their other names, among the columns that are not taken. */
export function optionalColumns(format: DatasetFormat, sample: readonly JsonObject[], taken: ColumnMapping): ColumnMapping {
  const given = new Map(sample.flatMap((row) => Object.keys(row)).map((name): [string, string] => [plainName(name), name]));
  const columns: { [F in Field]?: string } = {};
  for (const field of formatFields[format].optional) {
    if (taken[field] !== undefined) continue;
    const column = columnFor(field, given, [
      ...formatFields[format].required.map((name) => taken[name] ?? name),
      ...Object.values(taken),
      ...Object.values(columns),
    ]);
    if (column !== undefined && column !== field) columns[field] = column;
  }
  return columns;
}

function columnFor(field: Field, given: ReadonlyMap<string, string>, taken: readonly string[]): string | undefined {
  const names = [plainName(field), ...(NAMES[field] ?? [])];
  return names.map((name) => given.get(name)).find((column) => column !== undefined && !taken.includes(column));
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');
}
