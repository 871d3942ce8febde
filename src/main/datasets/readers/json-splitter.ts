/**
 * Cuts a stream of bytes into the elements of one top-level JSON array, by nesting depth alone. It knows
 * nothing of JSON beyond strings, escapes and brackets: each element is checked by JSON.parse afterwards, so
 * a wrong element is one bad row rather than the end of the file. Bytes of UTF-8 sequences are all >= 0x80 and
 * never mistaken for a bracket.
 */
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const open = { array: 0x5b, object: 0x7b } as const;
const close = { array: 0x5d, object: 0x7d } as const;

export type Element = { readonly bytes: Buffer } | { readonly tooLong: true };

export class JsonSplitter {
  /** 'before' the array, 'inside' it, 'after' its closing bracket, or 'stray': something else stands around it. */
  state: 'before' | 'inside' | 'after' | 'stray' = 'before';
  private depth = 0;
  private inString = false;
  private escaped = false;
  private carry: Buffer[] = [];
  private carried = 0;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Yields the elements that end in this chunk. Data outside the array sets the state 'stray' and ends the work. */
  *push(chunk: Buffer): Generator<Element, void, undefined> {
    let start = this.state === 'inside' ? 0 : this.outside(chunk, 0);
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (this.inString) {
        at = this.skipString(chunk, at);
        continue;
      }
      if (byte === quote) this.inString = true;
      else if (byte === open.object || byte === open.array) this.depth += 1;
      else if (byte === close.object || byte === close.array) this.depth -= 1;
      if (this.depth > 1 || (this.depth === 1 && byte !== comma)) continue;
      const element = this.take(chunk.subarray(start, at), byte === comma);
      if (element !== null) yield element;
      start = at + 1;
      if (this.depth === 0) {
        this.state = 'after';
        this.outside(chunk, start);
        return;
      }
    }
    this.keep(chunk.subarray(start));
  }

  /** Walks white space before or after the array; enters it on `[`. Returns the offset of the first element's bytes. */
  private outside(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (isSpace(byte)) continue;
      if (this.state === 'before' && byte === open.array) {
        this.state = 'inside';
        this.depth = 1;
        return at + 1;
      }
      this.state = 'stray';
      break;
    }
    return chunk.length;
  }

  /** Moves to the string's closing quote, or the chunk's end. Returns the last offset consumed. */
  private skipString(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (this.escaped) this.escaped = false;
      else if (byte === backslash) this.escaped = true;
      else if (byte === quote) {
        this.inString = false;
        return at;
      }
    }
    return chunk.length;
  }

  private keep(piece: Buffer): void {
    this.carried += piece.length;
    if (this.carried > this.limit) this.carry = [];
    else if (piece.length > 0) this.carry.push(Buffer.from(piece));
  }

  /** An element's bytes; null for the white space between `[` and `]` of an empty array (or a last comma). */
  private take(piece: Buffer, separated: boolean): Element | null {
    const length = this.carried + piece.length;
    const bytes = this.carry.length === 0 ? piece : Buffer.concat([...this.carry, piece]);
    this.carry = [];
    this.carried = 0;
    if (length > this.limit) return { tooLong: true };
    return !separated && bytes.every(isSpace) ? null : { bytes };
  }
}

export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
