import { plainKey } from '../../../shared/lib/exact-json.ts';
import { quoted, kindOf } from '../readers/source-record.ts';
import { chatExtras } from './chat-extras.ts';
import { messageList, noteSwitch, own, parseMessage, type ParseTurn } from './messages.ts';
import { CALL_ROLES, KNOWN_ROLES, roleOf, TEMPLATE_ROLES } from './roles.ts';
import { refuse, type Converter, type Refusal } from './row-result.ts';
import { messageOfCalls } from './tool-calls.ts';
import { noteTurns, withSystem } from './whole-conversation.ts';

/** ShareGPT conversations as messages. */
export const convertConversations: Converter = (row, source, context) => {
  const messages = messageList(row, 'conversations', context, eitherTurn);
  if (!Array.isArray(messages)) return messages as Refusal;
  const all = withSystem(messages, row, context);
  if (!Array.isArray(all)) return all as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  noteTurns(all, context);
  return { kind: 'messages', source, messages: all, ...extras };
};

/** A turn by the plan's two keys, or one written as OpenAI does, with all that belongs to it. */
export const eitherTurn: ParseTurn = (turn, where, context) => {
  const { role, content } = context.plan.turnKeys;
  const openAi = typeof own(turn, 'role') === 'string' && (Object.hasOwn(turn, 'content') || Object.hasOwn(turn, 'tool_calls'));
  if (openAi && (own(turn, role) === undefined || (role === 'role' && content === 'content'))) return parseMessage(turn, where, context);
  return parseTurn(turn, where, context);
};

/** One turn by the plan's two keys; what else it holds is left out, and told. */
export const parseTurn: ParseTurn = (turn, where, context) => {
  const { role: roleKey, content: contentKey } = context.plan.turnKeys;
  const speaker = own(turn, roleKey);
  if (typeof speaker !== 'string') return refuse(`${where}: ${quoted(roleKey)} must name a role, it is ${kindOf(speaker)}`);
  const role = roleOf(speaker);
  if (role === undefined) {
    return refuse(`${where}: unknown role ${quoted(speaker)}; known are ${KNOWN_ROLES.join(', ')}`);
  }
  const content = own(turn, contentKey);
  if (typeof content !== 'string') return refuse(`${where}: ${quoted(contentKey)} must be text, it is ${kindOf(content)}`);
  for (const key of Object.keys(turn)) {
    if (key === roleKey || key === contentKey) continue;
    if (key === 'weight' || key === 'train' || key === 'loss') noteSwitch(key, context);
    else
      context.note({
        code: 'TURN-KEY',
        level: 'note',
        message: `The key ${quoted(plainKey(key))} of turns is not used: only ${quoted(roleKey)} and ${quoted(contentKey)} are.`,
      });
  }
  if (CALL_ROLES.has(speaker.trim().toLowerCase())) {
    context.note({ code: 'ROLE-MAPPED', level: 'note', message: `Turns of ${quoted(speaker)} are read as tool calls of the assistant.` });
    return messageOfCalls(content, where);
  }
  // `human` and `gpt` are the names of the format itself; others were mapped by us.
  if (!TEMPLATE_ROLES.has(speaker) && speaker !== 'human' && speaker !== 'gpt')
    context.note({ code: 'ROLE-MAPPED', level: 'note', message: `The role ${quoted(speaker)} is read as ${role}.` });
  return { role, content };
};
