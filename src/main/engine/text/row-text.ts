/** A canonical row as the texts that are tokenised: its format's rules, before any token exists (spec sections 1.2, 2.2). */
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import type { Span } from './assistant-spans.ts';
import type { ChatTemplate } from './chat-template/chat-template.ts';
import type { Part } from './learned-part.ts';
import type { TurnRenderer } from './turns.ts';
import { unprinted, type ChatRow, type Unprinted } from './unprinted.ts';

export interface RowText {
  readonly source: number;
  /** What becomes the row's ids. */
  readonly full: string;
  /** The part before the completion; undefined where the row has none or its mask is not wanted. */
  readonly prompt: string | undefined;
  /** What the template printed to ask for the answer and the row does not begin its answer with; undefined where all is well. */
  readonly cue: string | undefined;
  /** Character spans of the assistant's turns; undefined where they are not wanted. */
  readonly spans: readonly Span[] | undefined;
  /** Whether the template marks them, so that their borders follow transformers. */
  readonly marked: boolean;
  /** Turns of the assistant that were not found. */
  readonly lostTurns: number;
  readonly unprinted: readonly Unprinted[];
  /** Rendered chats carry their own special tokens; plain text gets the tokenizer's. */
  readonly addSpecialTokens: boolean;
}

export interface RowTextRules {
  /** Appended to plain text and completions that do not end with it. */
  readonly eosText: string | undefined;
  readonly template: (tools: boolean) => ChatTemplate;
  readonly turns: (tools: boolean) => TurnRenderer;
  readonly part: Part;
}

const PLAIN = { cue: undefined, spans: undefined, marked: false, lostTurns: 0, unprinted: [], addSpecialTokens: true } as const;

/** @throws AppError E-ROLES, E-TEMPLATE from rendering. */
export function rowText(row: CanonicalRow, rules: RowTextRules): RowText {
  switch (row.kind) {
    case 'text':
      return { ...PLAIN, source: row.source, full: withEos(row.text, rules.eosText), prompt: undefined };
    case 'prompt-completion':
      return {
        ...PLAIN,
        source: row.source,
        full: row.prompt + withEos(row.completion, rules.eosText),
        prompt: rules.part === 'all' ? undefined : row.prompt,
      };
    case 'messages':
      return chatText(row, row.messages, undefined, rules);
    case 'chat-prompt-completion':
      return chatText(row, [...row.prompt, ...row.completion], row.prompt, rules);
    default:
      return assertNever(row);
  }
}

function chatText(row: ChatRow, messages: readonly Message[], asked: readonly Message[] | undefined, rules: RowTextRules): RowText {
  const tools = row.tools !== undefined && row.tools.length > 0;
  const turns = rules.part === 'assistant' ? rules.turns(tools) : null;
  const template = turns?.template ?? rules.template(tools);
  const request = { tools: row.tools, kwargs: row.chat_template_kwargs, source: row.source, messages };
  const rendered = turns?.render(request) ?? { text: template.render(request).text, spans: undefined, marked: false, lost: 0 };
  const wantsPrompt = asked !== undefined && rules.part !== 'all';
  const prompt = wantsPrompt ? template.render({ ...request, messages: asked, addGenerationPrompt: true }).text : undefined;
  return {
    source: row.source,
    full: rendered.text,
    prompt,
    cue: prompt === undefined || rendered.text.startsWith(prompt) ? undefined : unmetCue(prompt, rendered.text),
    spans: rendered.spans,
    marked: rendered.marked,
    lostTurns: rendered.lost,
    unprinted: unprinted(request, rendered.text, template),
    addSpecialTokens: false,
  };
}

/** The end of the prompt that the row does not go on with. */
function unmetCue(prompt: string, full: string): string {
  let same = 0;
  while (same < prompt.length && prompt[same] === full[same]) same++;
  return prompt.slice(same, same + 200);
}

// The test is textual: a text that already ends with the EOS string keeps its one (spec section 1.2, step 4).
function withEos(text: string, eosText: string | undefined): string {
  return eosText === undefined || text.endsWith(eosText) ? text : text + eosText;
}
