import { hash } from 'node:crypto';
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

/** 52 bits, never zero: zero marks a free slot. */
function hashOf(text: string): number {
  const digest = hash('sha256', text, 'buffer');
  return 1 + digest.readUIntBE(0, 6) * 8 + (digest[6]! & 7);
}

/** Texts joined by what stands in no text of a file's row as it is, which is far cheaper than JSON. */
const BETWEEN = '\u0000';

function textOf(row: CanonicalRow): string {
  switch (row.kind) {
    case 'text': return row.text.trim();
    case 'prompt-completion': return row.prompt.trim() + BETWEEN + row.completion.trim();
    case 'messages': return turnsText(row.messages) + extrasText(row.tools);
    case 'chat-prompt-completion': return turnsText(row.prompt) + BETWEEN + turnsText(row.completion) + extrasText(row.tools);
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
