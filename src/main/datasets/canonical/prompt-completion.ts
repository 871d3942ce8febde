import { fieldOf } from '../import-plan.ts';
import { isJsonObject } from '../readers/source-record.ts';
import { chatExtras } from './chat-extras.ts';
import { parseTurn } from './conversations.ts';
import { messageList, own, parseMessage, type ParseTurn } from './messages.ts';
import { answerText, refuse, requiredText, type Converter, type Refusal } from './row-result.ts';

/** prompt and completion, both strings or both lists of messages: whichever most rows of the file are. */
export const convertPromptCompletion: Converter = (row, source, context) => {
  const { columns, conversational } = context.plan;
  if (conversational) return convertChat(row, source, context);
  const isList = Array.isArray(fieldOf(row, columns, 'prompt')) || Array.isArray(fieldOf(row, columns, 'completion'));
  if (isList) return refuse('prompt or completion is a list of messages, in the other rows they are text');
  const prompt = requiredText(row, columns, 'prompt');
  const completion = answerText(row, columns, 'completion');
  if (typeof prompt !== 'string') return prompt;
  if (typeof completion !== 'string') return completion;
  return { kind: 'prompt-completion', source, prompt, completion };
};

const convertChat: Converter = (row, source, context) => {
  const prompt = messageList(row, 'prompt', context, eitherTurn);
  if (!Array.isArray(prompt)) return prompt as Refusal;
  const completion = messageList(row, 'completion', context, eitherTurn);
  if (!Array.isArray(completion)) return completion as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  return { kind: 'chat-prompt-completion', source, prompt, completion, ...extras };
};

/** A message, or a ShareGPT turn by its usual keys. */
const eitherTurn: ParseTurn = (turn, where, context) => {
  const shareGpt = isJsonObject(turn) && own(turn, 'from') !== undefined && own(turn, 'role') === undefined;
  if (!shareGpt) return parseMessage(turn, where, context);
  const plan = { ...context.plan, turnKeys: { role: 'from', content: 'value' } };
  return parseTurn(turn, where, { ...context, plan });
};
