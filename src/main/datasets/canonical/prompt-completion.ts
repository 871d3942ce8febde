import { fieldOf } from '../import-plan.ts';
import { chatExtras } from './chat-extras.ts';
import { eitherTurn } from './conversations.ts';
import { messageList, type ParseTurn } from './messages.ts';
import { answerText, refuse, requiredText, type Converter, type Refusal } from './row-result.ts';
import { noteTurns } from './whole-conversation.ts';

/** prompt and completion, both strings or both lists of messages: whichever most rows of the file are. */
export const convertPromptCompletion: Converter = (row, source, context) => {
  const { columns, conversational } = context.plan;
  if (conversational) return convertChat(row, source, context);
  const isList = Array.isArray(fieldOf(row, columns, 'prompt')) || Array.isArray(fieldOf(row, columns, 'completion'));
  if (isList) {
    const mixed = typeof fieldOf(row, columns, 'prompt') === 'string' || typeof fieldOf(row, columns, 'completion') === 'string';
    return refuse(
      mixed
        ? 'one of prompt and completion is a list and the other is text; both must be text, or both lists of messages'
        : 'prompt and completion are lists of messages, the file is read as text',
    );
  }
  const prompt = requiredText(row, columns, 'prompt');
  const completion = answerText(row, columns, 'completion');
  if (typeof prompt !== 'string') return prompt;
  if (typeof completion !== 'string') return completion;
  if (prompt.trim() === '')
    context.note({
      code: 'BLANK-PROMPT',
      level: 'warning',
      message: 'Prompts are blank: the completion is learned as if nothing had been asked.',
      remedy: 'Fill them in, or delete the rows.',
    });
  return { kind: 'prompt-completion', source, prompt, completion };
};

const convertChat: Converter = (row, source, context) => {
  const prompt = messageList(row, 'prompt', context, shareGptTurn);
  if (!Array.isArray(prompt)) return prompt as Refusal;
  const completion = messageList(row, 'completion', context, shareGptTurn);
  if (!Array.isArray(completion)) return completion as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  noteTurns([...prompt, ...completion], context);
  return { kind: 'chat-prompt-completion', source, prompt, completion, ...extras };
};

/** A message, or a ShareGPT turn by its usual keys. */
const shareGptTurn: ParseTurn = (turn, where, context) => {
  const plan = { ...context.plan, turnKeys: { role: 'from', content: 'value' } };
  return eitherTurn(turn, where, { ...context, plan });
};
