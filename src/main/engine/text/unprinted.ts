/** @file What a row says and its rendered text does not: keys that the template never prints, text that it leaves out. */
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { plainKey } from '../../../shared/lib/exact-json.ts';
import type { ChatTemplate, RenderRequest } from './chat-template/chat-template.ts';

export type ChatRow = Extract<CanonicalRow, { readonly kind: 'messages' | 'chat-prompt-completion' }>;

export type Unprinted =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'tools' }
  /** `thinking`: the content holds `</think>`. */
  | { readonly kind: 'text'; readonly role: string; readonly thinking: boolean };

/** A template that prints whole messages prints keys that it does not name. */
const WHOLE = /\b(?:messages?|msg|m|turn)\s*\|\s*(?:tojson|items|string)|\.items\(\)/;

/** @param text what `request` was rendered to */
export function unprinted(request: RenderRequest, text: string, template: ChatTemplate): readonly Unprinted[] {
  const found: Unprinted[] = [];
  for (const name of extraKeys(request.messages)) {
    if (changes(template, request, text, name, (messages) => messages.map((message) => without(message, name)))) continue;
    found.push({ kind: 'key', name: plainKey(name) });
  }
  if (request.tools !== undefined && request.tools.length > 0) {
    const named = template.source.includes('tools');
    if (!named || rendered(template, { ...request, tools: undefined }) === text) found.push({ kind: 'tools' });
  }
  const missing = new Map<string, Unprinted>();
  for (const message of request.messages) {
    if (textsOf(message).every((part) => text.includes(part.trim()))) continue;
    const thinking = textsOf(message).some((part) => part.includes('</think>'));
    missing.set(`${message.role} ${thinking}`, { kind: 'text', role: message.role, thinking });
  }
  return [...found, ...missing.values()];
}

/** Keys besides role and content that hold something. */
function extraKeys(messages: readonly Message[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const message of messages) {
    for (const [key, value] of Object.entries(message)) if (key !== 'role' && key !== 'content' && !isBlank(value)) keys.add(key);
  }
  return keys;
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function changes(
  template: ChatTemplate,
  request: RenderRequest,
  text: string,
  name: string,
  edit: (messages: readonly Message[]) => readonly Message[],
): boolean {
  if (!template.source.includes(plainKey(name)) && !WHOLE.test(template.source)) return false;
  return rendered(template, { ...request, messages: edit(request.messages) }) !== text;
}

function without(message: Message, name: string): Message {
  return Object.fromEntries(Object.entries(message).filter(([key]) => key !== name)) as Message;
}

/** Null where the template refuses the changed row: then it has looked at what was changed. */
function rendered(template: ChatTemplate, request: RenderRequest): string | null {
  try {
    return template.render(request).text;
  } catch (error) {
    if (error instanceof AppError && error.code === 'E-ROLES') return null;
    throw error;
  }
}

function textsOf({ content }: Message): readonly string[] {
  if (typeof content === 'string') return [content];
  return (content ?? []).flatMap((part) => (typeof part['text'] === 'string' ? [part['text']] : []));
}
