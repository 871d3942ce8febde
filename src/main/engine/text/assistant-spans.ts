/**
 * @file Where in a rendered conversation the assistant speaks, for templates that do not mark it. The conversation is rendered
 * once more with marks for its contents, and both texts are walked in step: so a header that stands within a person's text is
 * text, and a turn ends at whatever header comes next, of a user, a tool or the system.
 */
import type { Message } from '../../../shared/domain/dataset.ts';
import type { ChatTemplate, RenderRequest } from './chat-template/chat-template.ts';
import { attempt, mark, MARKS, TurnShape } from './turn-shape.ts';

export type Span = readonly [start: number, end: number];

export interface FoundSpans {
  /** [start, end) in UTF-16 units of the rendered text, in order. */
  readonly spans: readonly Span[];
  /** Turns of the assistant that could not be found. */
  readonly lost: number;
}

/** Finds the assistant's turns in what `template` has rendered; one for each template, as it learns its shape. */
export class SpanFinder {
  readonly #template: ChatTemplate;
  readonly #shape: TurnShape;

  constructor(template: ChatTemplate) {
    this.#template = template;
    this.#shape = new TurnShape(template);
  }

  /** @param text what `request` was rendered to */
  find(request: RenderRequest, text: string): FoundSpans {
    const turns = request.messages.flatMap(({ role }, i) => (role === 'assistant' ? [i] : []));
    if (turns.length === 0) return { spans: [], lost: 0 };
    const walked = this.#walk(request, text, turns);
    if (walked !== null) return { spans: walked, lost: 0 };
    const spans = turns.map((i) => this.#byPrefix(request, text, i));
    return { spans: spans.filter((span) => span !== null), lost: spans.filter((span) => span === null).length };
  }

  /** Null where the two texts do not go together. */
  #walk(request: RenderRequest, text: string, turns: readonly number[]): Span[] | null {
    const marked = attempt(this.#template, { ...request, messages: request.messages.map((message, i) => ({ ...message, content: mark(i) })) });
    if (marked === null) return null;
    const hits = [...marked.matchAll(MARKS)].map((hit) => ({ i: Number(hit[1]), start: hit.index, end: hit.index + hit[0].length }));
    if (turns.some((i) => hits.filter((hit) => hit.i === i).length !== 1)) return null;
    const walk = new Walk(text, request.messages, this.#shape);
    for (const [h, hit] of hits.entries()) {
      if (!walk.step(marked.slice(hits[h - 1]?.end ?? 0, hit.start), hits[h - 1]?.i ?? null, hit.i)) return null;
    }
    return walk.finish();
  }

  /** A turn between what stands before it and what stands with it, where the template only ever adds text. */
  #byPrefix(request: RenderRequest, text: string, i: number): Span | null {
    const { messages } = request;
    const before = i === 0 ? '' : attempt(this.#template, { ...request, messages: messages.slice(0, i), addGenerationPrompt: true });
    if (before === null || !text.startsWith(before)) return null;
    if (i === messages.length - 1) return [before.length, text.length];
    const withTurn = attempt(this.#template, { ...request, messages: messages.slice(0, i + 1) });
    return withTurn !== null && text.startsWith(withTurn) && withTurn.length > before.length ? [before.length, withTurn.length] : null;
  }
}

class Walk {
  readonly #text: string;
  readonly #messages: readonly Message[];
  readonly #shape: TurnShape;
  readonly #spans: Span[] = [];
  #at = 0;
  #open: number | null = null;

  constructor(text: string, messages: readonly Message[], shape: TurnShape) {
    this.#text = text;
    this.#messages = messages;
    this.#shape = shape;
  }

  /** Goes over the gap between the contents of two messages; false where it is not in the text. */
  step(gap: string, previous: number | null, next: number): boolean {
    const end = this.#endIn(gap, previous);
    if (end === null) return false;
    const start = this.#isAssistant(next) ? this.#shape.turnStart(gap) : gap.length;
    const found = this.#locate(gap, end.from, start, previous);
    if (found === null) return false;
    if (this.#open !== null) this.#spans.push([this.#open, found.at + end.to]);
    this.#open = this.#isAssistant(next) ? found.at + start : null;
    this.#at = found.next;
    return true;
  }

  finish(): Span[] {
    if (this.#open !== null) this.#spans.push([this.#open, this.#text.length]);
    return this.#spans;
  }

  #isAssistant(i: number | null): boolean {
    return i !== null && this.#messages[i]?.role === 'assistant';
  }

  #endIn(gap: string, previous: number | null): { readonly from: number; readonly to: number } | null {
    if (previous === null || !this.#isAssistant(previous)) return { from: 0, to: 0 };
    const calls = this.#messages[previous]?.['tool_calls'];
    return this.#shape.turnEnd(gap, Array.isArray(calls) && calls.length > 0);
  }

  /** Where in the text the gap would begin, and where the walk goes on. */
  #locate(gap: string, from: number, start: number, previous: number | null): { readonly at: number; readonly next: number } | null {
    for (const content of previous === null ? [''] : contentsOf(this.#messages[previous] as Message)) {
      const at = this.#at + content.length;
      if (this.#text.startsWith(content, this.#at) && this.#text.startsWith(gap, at)) return { at, next: at + gap.length };
    }
    // The template has changed the content, or printed something beside it: the turn's end and the next header must do.
    const anchor = gap.slice(from, start);
    const found = anchor.trim() === '' ? -1 : this.#text.indexOf(anchor, this.#at);
    return found < 0 ? null : { at: found - from, next: found + anchor.length };
  }
}

/** What of a message may be printed as it stands. */
function contentsOf({ content }: Message): readonly string[] {
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => (typeof part['text'] === 'string' ? part['text'] : '')).join('');
  return [...new Set([text, text.trim(), text.trimStart(), text.trimEnd()])].toSorted((a, b) => b.length - a.length);
}
