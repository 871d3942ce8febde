import { isSpace } from './json-splitter.ts';

/** What a file of JSON really holds, told from its first value (of an array: its first bytes), which is not kept. */
export type JsonContent =
  | { readonly kind: 'array' | 'array-of-objects' | 'lines' | 'spread-objects' | 'empty' }
  /** A lone object, such as {"data": [...]} or an object of columns; `keys` are its first ones. */
  | { readonly kind: 'one-object'; readonly keys: readonly string[]; /** Over more than one line. */ readonly spread: boolean };

const quote = 0x22;
const backslash = 0x5c;
const newline = 0x0a;
const mostKeys = 20;
const longestKey = 100;

/** What the JSON in `chunks` is. */
export async function sniffJson(chunks: AsyncIterable<Buffer>): Promise<JsonContent> {
  const scan = new FirstValue();
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      const found = scan.next(byte);
      if (found !== null) return found;
    }
  }
  return scan.end();
}

class FirstValue {
  private first: 'none' | 'array' | 'object' | 'closed' = 'none';
  private depth = 0;
  private inString = false;
  private escaped = false;
  private lines = 0;
  private readonly keys: string[] = [];
  private word = '';
  /** The last byte that was no white space. */
  private before = 0;

  /** Takes one byte; the answer as soon as it is known. */
  next(byte: number): JsonContent | null {
    // A bare line break cannot stand in a JSON string: the first line is broken, and lines they are.
    if (this.inString && byte === newline) return { kind: 'lines' };
    if (this.inString) this.insideString(byte);
    else if (isSpace(byte)) {
      if (byte === newline && this.first === 'object') this.lines += 1;
    } else if (this.first === 'none') {
      if (byte !== 0x5b && byte !== 0x7b) return { kind: 'lines' };
      this.first = byte === 0x5b ? 'array' : 'object';
      this.depth = 1;
    } else if (this.first === 'array') return { kind: byte === 0x7b ? 'array-of-objects' : 'array' };
    else if (this.first === 'closed') return { kind: this.lines > 0 && byte === 0x7b ? 'spread-objects' : 'lines' };
    // An object is the value of a key: another one without says that the first line is broken, and lines they are.
    else if (byte === 0x7b && this.depth === 1 && this.before !== 0x3a) return { kind: 'lines' };
    else this.insideObject(byte);
    this.before = isSpace(byte) ? this.before : byte;
    return null;
  }

  end(): JsonContent {
    if (this.first === 'array') return { kind: 'array' };
    if (this.first === 'closed') return { kind: 'one-object', keys: this.keys, spread: this.lines > 0 };
    return { kind: this.first === 'none' ? 'empty' : 'lines' };
  }

  private insideString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === backslash) this.escaped = true;
    else if (byte === quote) this.inString = false;
    else if (this.depth === 1 && this.word.length < longestKey) this.word += String.fromCharCode(byte);
  }

  private insideObject(byte: number): void {
    if (byte === quote) {
      this.inString = true;
      this.word = '';
    } else if (byte === 0x3a && this.depth === 1 && this.keys.length < mostKeys) {
      this.keys.push(Buffer.from(this.word, 'latin1').toString('utf8'));
    } else if (byte === 0x7b || byte === 0x5b) this.depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      this.depth -= 1;
      if (this.depth === 0) this.first = 'closed';
    }
  }
}
