import type { CanonicalRow, Message } from '../../shared/domain/dataset.ts';

/** Different rows remembered: 52 bits of hash each, in a table of 64 MiB at most. */
const MOST_ROWS = 4_000_000;
const FIRST_SLOTS = 1 << 12;

/** Finds rows whose text stood in an earlier row, white space at either end aside. One false find in ten thousand files of a million rows. */
export class DuplicateRows {
  #slots = new Float64Array(FIRST_SLOTS);
  #used = 0;

  /** False once more rows were different than are remembered. */
  get complete(): boolean {
    return this.#used < MOST_ROWS;
  }

  /** Whether the row was there before; remembers it otherwise. */
  seen(row: CanonicalRow): boolean {
    const code = hashOf(textOf(row));
    const at = this.#find(code);
    if (this.#slots[at] === code) return true;
    if (!this.complete) return false;
    this.#slots[at] = code;
    this.#used += 1;
    if (this.#used * 2 > this.#slots.length) this.#grow();
    return false;
  }

  /** The slot that holds the code, or the free one where it would go. */
  #find(code: number): number {
    const mask = this.#slots.length - 1;
    let at = code % this.#slots.length;
    while (this.#slots[at] !== 0 && this.#slots[at] !== code) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const code of old) if (code !== 0) this.#slots[this.#find(code)] = code;
  }
}

/**
 * 52 bits, never zero: zero marks a free slot. Two sums that mix each character otherwise; a hash that withstands attacks costs a third
 * of an import, and whoever makes two rows collide gets a warning about their own file.
 */
function hashOf(text: string): number {
  let [low, high] = [0x9e3779b9, 0x85ebca6b];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(((high << 5) | (high >>> 27)) ^ code, 0x27d4eb2f);
  }
  low = scattered(low ^ (high >>> 7));
  high = scattered(high ^ text.length);
  return 1 + (low >>> 0) * 2 ** 20 + (high >>> 12);
}

/** Every bit of the sum in every bit of the result. */
function scattered(sum: number): number {
  const once = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

/** Texts joined by what stands in no text of a file's row as it is, which is far cheaper than JSON. */
const BETWEEN = '\u0000';

function textOf(row: CanonicalRow): string {
  switch (row.kind) {
    case 'text':
      return row.text.trim();
    case 'prompt-completion':
      return row.prompt.trim() + BETWEEN + row.completion.trim();
    case 'messages':
      return turnsText(row.messages) + extrasText(row.tools);
    case 'chat-prompt-completion':
      return turnsText(row.prompt) + BETWEEN + turnsText(row.completion) + extrasText(row.tools);
  }
}

function turnsText(messages: readonly Message[]): string {
  let text = '';
  for (const { role, content, ...others } of messages) {
    text += `${BETWEEN}${role}${BETWEEN}${typeof content === 'string' ? content.trim() : JSON.stringify(content)}`;
    for (const key in others) text += BETWEEN + key + BETWEEN + JSON.stringify(others[key]);
  }
  return text;
}

function extrasText(tools: readonly unknown[] | undefined): string {
  return tools === undefined ? '' : BETWEEN + JSON.stringify(tools);
}
