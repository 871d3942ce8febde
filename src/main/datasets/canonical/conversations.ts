import { quoted, kindOf } from '../readers/source-record.ts';
import { chatExtras } from './chat-extras.ts';
import { messageList, own, type ParseTurn } from './messages.ts';
import { refuse, type Converter, type Refusal } from './row-result.ts';

/** Who speaks, under the names ShareGPT files use (spec 1.5). TRL keeps them and templates then print `human`. */
const roles: ReadonlyMap<string, string> = new Map([
  ['system', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['input', 'user'],
  ['gpt', 'assistant'],
  ['assistant', 'assistant'],
  ['output', 'assistant'],
]);

/** ShareGPT conversations as messages. */
export const convertConversations: Converter = (row, source, context) => {
  const messages = messageList(row, 'conversations', context, parseTurn);
  if (!Array.isArray(messages)) return messages as Refusal;
  const extras = chatExtras(row, context.plan.columns);
  if ('kind' in extras) return extras;
  return { kind: 'messages', source, messages, ...extras };
};

/** One turn by the plan's two keys; what else it holds is left out, with a notice. */
export const parseTurn: ParseTurn = (turn, where, context) => {
  const { role: roleKey, content: contentKey } = context.plan.turnKeys;
  const speaker = own(turn, roleKey);
  if (typeof speaker !== 'string') return refuse(`${where}: ${quoted(roleKey)} must name a role, it is ${kindOf(speaker)}`);
  const role = roles.get(speaker);
  if (role === undefined) {
    return refuse(`${where}: unknown role ${quoted(speaker)}; known are ${[...roles.keys()].join(', ')}`);
  }
  const content = own(turn, contentKey);
  if (typeof content !== 'string') return refuse(`${where}: ${quoted(contentKey)} must be text, it is ${kindOf(content)}`);
  if (Object.keys(turn).length > 2) context.note(`Only ${quoted(roleKey)} and ${quoted(contentKey)} of each turn were kept.`);
  return { role, content };
};
