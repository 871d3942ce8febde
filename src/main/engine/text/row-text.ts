/** A canonical row as the texts that are tokenised: its format's rules, before any token exists (spec sections 1.2, 2.2). */
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { ChatTemplate } from './chat-template/chat-template.ts';

export interface RowText {
  readonly source: number;
  /** What becomes the row's ids. */
  readonly full: string;
  /** The part before the completion; undefined where the row has none or its mask is not wanted. */
  readonly prompt: string | undefined;
  /** Character spans of generation blocks; undefined where they are not wanted. */
  readonly spans: readonly (readonly [number, number])[] | undefined;
  /** Rendered chats carry their own special tokens; plain text gets the tokenizer's. */
  readonly addSpecialTokens: boolean;
}

export interface RowTextRules {
  /** Appended to plain text and completions that do not end with it. */
  readonly eosText: string | undefined;
  readonly template: (tools: boolean) => ChatTemplate;
  readonly wantPrompt: boolean;
  readonly wantSpans: boolean;
}

/** @throws AppError E-ROLES, E-TEMPLATE from rendering. */
export function rowText(row: CanonicalRow, rules: RowTextRules): RowText {
  switch (row.kind) {
    case 'text':
      return { source: row.source, full: withEos(row.text, rules.eosText), prompt: undefined, spans: undefined, addSpecialTokens: true };
    case 'prompt-completion':
      return {
        source: row.source,
        full: row.prompt + withEos(row.completion, rules.eosText),
        prompt: rules.wantPrompt ? row.prompt : undefined,
        spans: undefined,
        addSpecialTokens: true,
      };
    case 'messages':
      return chatText(row, row.messages, undefined, rules);
    case 'chat-prompt-completion':
      return chatText(row, [...row.prompt, ...row.completion], row.prompt, rules);
    default:
      return assertNever(row);
  }
}

type ChatRow = Extract<CanonicalRow, { readonly kind: 'messages' | 'chat-prompt-completion' }>;

function chatText(row: ChatRow, messages: readonly Message[], prompt: readonly Message[] | undefined, rules: RowTextRules): RowText {
  const template = rules.template(row.tools !== undefined && row.tools.length > 0);
  const shared = { tools: row.tools, kwargs: row.chat_template_kwargs, source: row.source };
  const rendered = template.render({ ...shared, messages });
  return {
    source: row.source,
    full: rendered.text,
    prompt: prompt === undefined || !rules.wantPrompt ? undefined : template.render({ ...shared, messages: prompt, addGenerationPrompt: true }).text,
    spans: rules.wantSpans ? rendered.generations : undefined,
    addSpecialTokens: false,
  };
}

// The test is textual: a text that already ends with the EOS string keeps its one (spec section 1.2, step 4).
function withEos(text: string, eosText: string | undefined): string {
  return eosText === undefined || text.endsWith(eosText) ? text : text + eosText;
}
