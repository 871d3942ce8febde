/**
 * @file What a chat template prints around the turns, found by rendering a conversation of marks: where a header ends at which
 * the model is asked to go on, and how a turn of the assistant ends. Works on text, so that it does not matter how a header is
 * tokenised alone or in its place.
 */
import type { Message } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ChatTemplate, RenderRequest } from './chat-template/chat-template.ts';

/** Stands for the content of message `i`; private-use characters, which no template looks for. */
export const mark = (i: number): string => `\uE0F0${i}\uE0F1`;
export const MARKS = /\uE0F0(\d{1,6})\uE0F1/g;

/** The text between marks, as a template prints it. */
interface Shape {
  /** The end of the header that asks for an answer, e.g. `<|im_end|>\n<|im_start|>assistant\n`; empty where it is not known. */
  readonly cue: string;
  /** Whether `add_generation_prompt` changes what is printed. */
  readonly asks: boolean;
  /** What follows the assistant's content at the end of a conversation, e.g. `<|im_end|>\n`. */
  readonly lastEnd: string;
  /** What follows it before another turn, as far as it belongs to the turn. */
  readonly innerEnd: string;
}

/** Finds the parts of a gap between two contents that belong to the turns beside it. */
export class TurnShape {
  readonly #shape: Shape;
  readonly #starts = new Map<string, number>();

  constructor(template: ChatTemplate) {
    this.#shape = probe(template);
  }

  /** Where in the gap before the assistant's content its turn begins: behind the header that asks for it. */
  turnStart(gap: string): number {
    let start = this.#starts.get(gap);
    if (start === undefined) this.#starts.set(gap, (start = this.#startIn(gap)));
    return start;
  }

  #startIn(gap: string): number {
    const { cue, asks } = this.#shape;
    for (let from = 0; from < cue.length; from++) {
      const header = cue.slice(from);
      if (header.trim() === '') break;
      if (inside(cue, from)) continue;
      const at = gap.lastIndexOf(header);
      if (at < 0) continue;
      const start = at + header.length;
      // Where the template never asks, what stands between is a header, unless it is a mere space.
      return asks || gap.slice(start).trim() === '' ? start : gap.length;
    }
    return gap.length;
  }

  /**
   * The text that ends the assistant's turn in the gap behind its content; null where it cannot be told.
   * @param hasMore tool calls are printed between the content and that end
   */
  turnEnd(gap: string, hasMore: boolean): { readonly from: number; readonly to: number } | null {
    const { innerEnd, lastEnd } = this.#shape;
    const plain = commonStart(gap, lastEnd);
    if (plain > 0 && !hasMore) return { from: 0, to: plain };
    if (innerEnd.trim() !== '') {
      const from = hasMore ? gap.lastIndexOf(innerEnd) : gap.indexOf(innerEnd);
      if (from >= 0) return { from, to: from + innerEnd.length };
    }
    return hasMore ? null : { from: 0, to: 0 };
  }
}

function probe(template: ChatTemplate): Shape {
  const turn = (role: string, i: number): Message => ({ role, content: mark(i) });
  const [asked, more] = [[turn('user', 0)], [turn('user', 0), turn('assistant', 1), turn('user', 2), turn('assistant', 3)]];
  const answered = more.slice(0, 2);
  const behind = (request: RenderRequest, i: number): string | null => after(attempt(template, request), mark(i));
  const gap = between(attempt(template, { messages: answered }), mark(0), mark(1)) ?? '';
  const prompted = behind({ messages: asked, addGenerationPrompt: true }, 0) ?? '';
  const unprompted = behind({ messages: asked }, 0) ?? '';
  const lastEnd = behind({ messages: answered }, 1) ?? '';
  const inner = between(attempt(template, { messages: more }), mark(1), mark(2)) ?? '';
  return {
    cue: gap.slice(0, commonStart(gap, prompted)),
    asks: prompted !== unprompted,
    lastEnd,
    innerEnd: inner.slice(0, commonStart(inner, lastEnd)),
  };
}

/** Null for a template that refuses the probe: what it prints is then not known. */
export function attempt(template: ChatTemplate, request: RenderRequest): string | null {
  try {
    return template.render(request).text;
  } catch (error) {
    if (error instanceof AppError && error.code === 'E-ROLES') return null;
    throw error;
  }
}

function after(text: string | null, what: string): string | null {
  const at = text === null ? -1 : text.lastIndexOf(what);
  return text === null || at < 0 ? null : text.slice(at + what.length);
}

function between(text: string | null, from: string, to: string): string | null {
  const rest = after(text, from);
  const end = rest === null ? -1 : rest.indexOf(to);
  return rest === null || end < 0 ? null : rest.slice(0, end);
}

/** Characters that two texts have in common at their start, not ending within a word or a bracketed token. */
function commonStart(a: string, b: string): number {
  let end = 0;
  while (end < a.length && end < b.length && a[end] === b[end]) end++;
  while (end > 0 && (inside(a, end) || inside(b, end))) end--;
  return end;
}

/** Whether a cut at `at` would divide a word or something like `<|user|>` or `[INST]`. */
function inside(text: string, at: number): boolean {
  const word = /\w/;
  if (word.test(text[at - 1] ?? '') && word.test(text[at] ?? '')) return true;
  const open = Math.max(text.lastIndexOf('<', at - 1), text.lastIndexOf('[', at - 1));
  if (open < 0 || /\s/.test(text.slice(open, at))) return false;
  const close = text.indexOf(text[open] === '<' ? '>' : ']', open);
  return close >= at && !/\s/.test(text.slice(open, close));
}
