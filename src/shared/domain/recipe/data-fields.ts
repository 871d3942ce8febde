/** @file What is learned from, and how it is read and written. */
import { z } from 'zod';
import { datasetFormatSchema, encodingSchema, pairStyleSchema } from '../dataset.ts';
import { field, path } from './field.ts';

const datasetSchema = z.strictObject({
  file: field(path, { label: 'Dataset file', group: 'data', help: 'The JSON, JSONL or CSV file with the examples to learn from.' }),
  format: field(z.enum(['auto', ...datasetFormatSchema.options, 'canonical']).default('auto'), {
    label: 'Format',
    group: 'data',
    help: 'How the columns of the file are to be read; auto decides by their names, canonical takes rows as the studio keeps them.',
  }),
  name: field(z.string().min(1).max(200).nullable().default(null), {
    label: 'Dataset name',
    group: 'data',
    advanced: true,
    help: 'What the dataset is called in lists, where that is not the name of its file.',
  }),
  mapping: field(z.record(z.string(), z.string().min(1)).nullable().default(null), {
    label: 'Column names',
    group: 'data',
    advanced: true,
    help: 'Which column of the file holds each column of the format, where the names differ, such as {"prompt": "question"}.',
  }),
  pairs: field(pairStyleSchema.default('chat'), {
    label: 'Questions and answers',
    group: 'data',
    advanced: true,
    help: 'How a question and its answer are written: as the turns of a chat (plain text where the model has no chat template), as plain text, or under the headings of the tutorials (### Instruction:, ### 指令:).',
  }),
  encoding: field(z.enum(['auto', ...encodingSchema.options]).default('auto'), {
    label: 'Text encoding',
    group: 'data',
    advanced: true,
    help: 'How the characters of the file are written; auto finds it by the bytes and says so where it is not UTF-8.',
  }),
});

export const dataFields = {
  dataset: datasetSchema,
  loss: field(z.enum(['auto', 'completion', 'assistant', 'all']).default('auto'), {
    label: 'Learn from',
    group: 'data',
    help: "Which part of each example is learned. Automatic (auto): the completion where there is one, the assistant's turns of a conversation, all of a plain text.",
  }),
  max_length: field(z.int().min(2).max(1_048_576).default(1024), {
    label: 'Longest example',
    group: 'data',
    unit: 'tokens',
    help: 'Longer examples are cut at the end.',
  }),
  chat_template: field(z.string().min(1).max(200_000).nullable().default(null), {
    label: 'Chat template',
    group: 'data',
    advanced: true,
    help: "How a conversation is written as one text: as the model's own template does, or by one that comes with the program (chatml, alpaca, vicuna, llama2, zephyr, plain), or by Jinja text of yours.",
  }),
  eos_token: field(z.string().min(1).nullable().default(null), {
    label: 'End token',
    group: 'data',
    advanced: true,
    help: "Token that ends an example, if not the tokenizer's own; it must be in the vocabulary.",
  }),
  packing: field(z.boolean().default(false), {
    label: 'Packing',
    group: 'data',
    help: 'Puts several short examples into one row of the longest length, so that hardly anything is padding; the batch size then counts such rows.',
  }),
  packing_strategy: field(z.enum(['bfd', 'bfd_split', 'wrapped']).default('bfd'), {
    label: 'Packing strategy',
    group: 'data',
    advanced: true,
    appliesWhen: { field: 'packing', is: [true] },
    help: 'What becomes of examples that are too long, as in TRL: bfd cuts their end off, bfd_split learns the parts one by one, wrapped fills rows to the brim and lets examples see those before them.',
  }),
  padding_free: field(z.boolean().default(false), {
    label: 'Padding-free',
    group: 'data',
    advanced: true,
    appliesWhen: { field: 'packing', is: [false] },
    help: 'Lays the examples of a batch end to end instead of padding them; it changes speed and memory, not results.',
  }),
  pad_to_multiple_of: field(z.int().min(1).max(4096).nullable().default(null), {
    label: 'Pad to a multiple of',
    group: 'data',
    unit: 'tokens',
    advanced: true,
    help: 'Rounds the padded length of a batch up; it changes speed, not results.',
  }),
};
