import type { Message } from '../../../shared/domain/dataset.ts';
import { asList, fieldOf, type Field } from '../import-plan.ts';
import { isJsonObject, kindOf, quoted, type JsonObject } from '../readers/source-record.ts';
import { chatExtras } from './chat-extras.ts';
import { roleOf, TEMPLATE_ROLES } from './roles.ts';
import { columnOf, refuse, type ConvertContext, type Converter, type Refusal } from './row-result.ts';
import { noteTurns, withSystem } from './whole-conversation.ts';

/** Messages with role and content; the chat template decides what else of them it prints. */
export const convertMessages: Converter = (row, source, context) => {
  const messages = messageList(row, 'messages', context, parseMessage);
  if (!Array.isArray(messages)) return messages as Refusal;
  const all = withSystem(messages, row, context);
  if (!Array.isArray(all)) return all as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  noteTurns(all, context);
  return { kind: 'messages', source, messages: all, ...extras };
};

export type ParseTurn = (turn: JsonObject, where: string, context: ConvertContext) => Message | Refusal;

/** The messages of one column, or the first fault with its place ("message 2"). */
export function messageList(row: JsonObject, field: Field, context: ConvertContext, parse: ParseTurn): Message[] | Refusal {
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

/** Keys by which other trainers switch a turn on and off; here that is `loss` of the recipe. */
const SWITCHES: ReadonlySet<string> = new Set(['weight', 'train', 'training', 'trainable', 'train_on', 'loss', 'mask', 'learn']);

/** Checks one message; other keys (tool_calls, name, reasoning) travel with it for the template to use. */
export const parseMessage: ParseTurn = (turn, where, context) => {
  const name = own(turn, 'role');
  if (typeof name !== 'string' || name === '') return refuse(`${where}: role must be text, it is ${kindOf(name)}`);
  const role = mappedRole(name, context);
  const content = messageContent(turn, where, context);
  if (typeof content === 'object' && content !== null) return content;
  for (const key of Object.keys(turn)) if (SWITCHES.has(key)) noteSwitch(key, context);
  if (!Object.hasOwn(turn, '__proto__')) return { ...turn, role, content };
  context.note({ code: 'MESSAGE-KEY', level: 'note', message: 'Keys called __proto__ in messages were dropped.' });
  const others = Object.fromEntries(Object.entries(turn).filter(([key]) => key !== '__proto__'));
  return { ...others, role, content };
};

export function noteSwitch(key: string, { note }: ConvertContext): void {
  note({
    code: 'TURN-SWITCH',
    level: 'warning',
    message: `Turns have a key ${quoted(key)}, which is not used: whether a turn is learned is decided by "Learn from" (loss).`,
    remedy: 'Remove the turns that are not to be learned, or learn from the completion only.',
  });
}

/** A role that files write otherwise under the template's name; any other is kept, and told. */
export function mappedRole(name: string, { note }: ConvertContext): string {
  if (TEMPLATE_ROLES.has(name)) return name;
  const role = roleOf(name);
  // Calls are text to be parsed, which a message with role and content does not say.
  if (role === undefined || (role === 'assistant' && name.endsWith('_call'))) {
    note({
      code: 'ROLE-KEPT',
      level: 'warning',
      message: `The role ${quoted(name)} is kept as it is: the chat template decides what it prints for it.`,
    });
    return name;
  }
  note({ code: 'ROLE-MAPPED', level: 'note', message: `The role ${quoted(name)} is read as ${role}.` });
  return role;
}

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
  context.note({ code: 'PARTS-JOINED', level: 'note', message: 'Contents given as lists of text parts were joined into one text each.' });
  return parts.join('');
}

export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isRefusal(value: Message | Refusal): value is Refusal {
  return !('role' in value);
}
