import type { Message } from '../../../shared/domain/dataset.ts';
import { asList, fieldOf, type Field } from '../import-plan.ts';
import { isJsonObject, kindOf, type JsonObject } from '../readers/source-record.ts';
import { chatExtras } from './chat-extras.ts';
import { columnOf, refuse, type ConvertContext, type Converter, type Refusal } from './row-result.ts';

/** Messages with role and content, kept as they are: the chat template decides which roles it knows. */
export const convertMessages: Converter = (row, source, context) => {
  const messages = messageList(row, 'messages', context, parseMessage);
  if (!Array.isArray(messages)) return messages as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  return { kind: 'messages', source, messages, ...extras };
};

export type ParseTurn = (turn: JsonObject, where: string, context: ConvertContext) => Message | Refusal;

/** The messages of one column, or the first fault with its place ("message 2"). */
export function messageList(
  row: JsonObject,
  field: Field,
  context: ConvertContext,
  parse: ParseTurn,
): Message[] | Refusal {
  const column = columnOf(context.plan.columns, field);
  const value = fieldOf(row, context.plan.columns, field);
  const list = asList(value);
  if (list === undefined) return refuse(`${column} must be a list of messages, it is ${kindOf(value)}`);
  if (list.length === 0) return refuse(`${column} is an empty list`);
  const messages: Message[] = [];
  for (const [index, turn] of list.entries()) {
    const where = `message ${index + 1} of ${column}`;
    if (!isJsonObject(turn)) return refuse(`${where} must be an object, it is ${kindOf(turn)}`);
    const message = parse(turn, where, context);
    if (isRefusal(message)) return message;
    messages.push(message);
  }
  return messages;
}

/** Checks one message; other keys (tool_calls, name, reasoning) travel with it for the template to use. */
export const parseMessage: ParseTurn = (turn, where, context) => {
  const role = own(turn, 'role');
  if (typeof role !== 'string' || role === '') return refuse(`${where}: role must be text, it is ${kindOf(role)}`);
  const content = messageContent(turn, where, context);
  if (typeof content === 'object' && content !== null) return content;
  if (!Object.hasOwn(turn, '__proto__')) return { ...turn, role, content };
  context.note('Keys called __proto__ in messages were dropped.');
  const others = Object.fromEntries(Object.entries(turn).filter(([key]) => key !== '__proto__'));
  return { ...others, role, content };
};

function messageContent(turn: JsonObject, where: string, context: ConvertContext): string | null | Refusal {
  const content = own(turn, 'content');
  if (typeof content === 'string') return content;
  const calls = own(turn, 'tool_calls');
  // An assistant that only calls tools has no text; anything else without text breaks the template.
  if ((content === null || content === undefined) && Array.isArray(calls) && calls.length > 0) return null;
  if (!Array.isArray(content)) return refuse(`${where}: content must be text, it is ${kindOf(content)}`);
  const parts: string[] = [];
  for (const part of content as readonly unknown[]) {
    const text = isJsonObject(part) && own(part, 'type') === 'text' ? own(part, 'text') : undefined;
    if (typeof text !== 'string') return refuse(`${where}: content has a part that is not text; only text can be trained on`);
    parts.push(text);
  }
  context.note('Message contents given as lists of text parts were joined into one text each.');
  return parts.join('');
}

export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isRefusal(value: Message | Refusal): value is Refusal {
  return !('role' in value);
}
