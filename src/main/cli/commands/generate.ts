import type { AnswerRequest, Prompt } from '../../services/compare/answering.ts';
import { readConversation, readPrompts } from '../../services/compare/prompt-files.ts';
import type { OutcomeKind } from '../../../shared/domain/outcome.ts';
import { showAnswers } from '../answers.ts';
import { type Command, type CommandArgs, UsageError } from '../command.ts';
import { DATA, DEVICE, dataOf, deviceOf, JSON_OUTPUT, THREADS, threadsOf } from '../common-options.ts';

export const generateCommand: Command = {
  name: 'generate',
  summary: 'Ask a model, with adapters side by side',
  usage: [
    'generate --model DIR [--adapter NAME=DIR ...] [--base] --prompt TEXT',
    'generate --model DIR [--tuned NAME=DIR ...] [--base] --prompt TEXT',
  ],
  options: [
    { name: 'model', value: 'DIR', help: 'Model folder.' },
    { name: 'adapter', value: 'NAME=DIR', repeated: true, help: 'A PEFT adapter folder as a column of its own; the name may be left out.' },
    {
      name: 'tuned',
      value: 'NAME=DIR',
      repeated: true,
      help: 'A whole model, such as a run that trained every weight leaves, as a further column; it answers after the others.',
    },
    { name: 'base', help: 'The model as it is as the first column; it is the only one where no other is given.' },
    {
      name: 'prompt',
      value: 'TEXT',
      repeated: true,
      help: "A question; it becomes a user's turn where the model has a chat template, and plain text otherwise.",
    },
    { name: 'raw', help: 'Take --prompt as plain text even if the model has a chat template.' },
    { name: 'messages', value: 'FILE', help: 'A conversation to go on: JSON list of {"role", "content"}.' },
    { name: 'prompts', value: 'FILE', help: 'Many prompts: JSON list, JSON lines, or one text a line.' },
    { name: 'max-new-tokens', value: 'N', help: 'Longest answer (256).' },
    {
      name: 'temperature',
      value: 'T',
      help: 'Draws tokens at random with this temperature; without any of these options each token is the likeliest.',
    },
    { name: 'top-k', value: 'N', help: 'Draws among the N likeliest tokens (0: all).' },
    { name: 'top-p', value: 'P', help: 'Draws among the likeliest tokens that together have this probability (1: all).' },
    { name: 'min-p', value: 'P', help: "Leaves out tokens below this share of the likeliest one's probability (0)." },
    { name: 'repetition-penalty', value: 'X', help: 'Above 1 makes tokens that have occurred less likely (1).' },
    { name: 'seed', value: 'N', help: 'Seed of the drawing (42); the same for every column.' },
    { name: 'precision', value: 'NAME', help: 'auto (default), f32 or bf16.' },
    DEVICE,
    THREADS,
    DATA,
    JSON_OUTPUT,
  ],
  endsItself: true,
  async run(args, terminal) {
    const model = args.required('model');
    const columns = columnsOf(args);
    const request: Omit<AnswerRequest, 'prompts'> = {
      model,
      columns,
      maxNewTokens: args.integer('max-new-tokens', 1, 1_048_576) ?? 256,
      sampling: samplingOf(args),
      seed: args.integer('seed', 0, 0xffff_ffff) ?? 42,
      precision: args.choice('precision', ['auto', 'f32', 'bf16'], 'auto'),
      device: deviceOf(args),
      threads: threadsOf(args),
    };
    return showAnswers({ ...request, prompts: await promptsOf(args) }, dataOf(args), terminal);
  },
};

function columnsOf(args: CommandArgs): AnswerRequest['columns'] {
  const given = [...namedFolders(args, 'adapter', 'adapter'), ...namedFolders(args, 'tuned', 'model')];
  return args.flag('base') || given.length === 0 ? [{ name: 'base', weights: null }, ...given] : given;
}

function namedFolders(args: CommandArgs, option: string, kind: OutcomeKind): AnswerRequest['columns'] {
  return args.list(option).map((given) => {
    const at = given.indexOf('=');
    const [name, folder] = at < 0 ? [given, given] : [given.slice(0, at), given.slice(at + 1)];
    if (name === '' || folder === '') throw new UsageError(`--${option} ${given}: write it as name=folder`);
    return { name, weights: { kind, folder } };
  });
}

async function promptsOf(args: CommandArgs): Promise<readonly Prompt[]> {
  const kind = args.flag('raw') ? 'text' : 'question';
  const asked = args.list('prompt').map((text): Prompt => ({ kind, text }));
  const [conversation, file] = [args.text('messages'), args.text('prompts')];
  const prompts = [
    ...asked,
    ...(conversation === null ? [] : [await readConversation(conversation)]),
    ...(file === null ? [] : await readPrompts(file)),
  ];
  if (prompts.length === 0) throw new UsageError('give --prompt TEXT, --messages FILE or --prompts FILE');
  return prompts;
}

function samplingOf(args: CommandArgs): AnswerRequest['sampling'] {
  const temperature = args.number('temperature', { min: 0 });
  const topK = args.integer('top-k', 0);
  const topP = args.number('top-p', { above: 0, max: 1 });
  const minP = args.number('min-p', { min: 0, max: 1 - Number.EPSILON });
  return {
    // Temperature 0 is the usual way to ask for the likeliest token.
    doSample: temperature !== 0 && [temperature, topK, topP, minP].some((value) => value !== null),
    temperature: temperature || 1,
    topK: topK ?? 0,
    topP: topP ?? 1,
    minP: minP ?? 0,
    repetitionPenalty: args.number('repetition-penalty', { above: 0 }) ?? 1,
  };
}
