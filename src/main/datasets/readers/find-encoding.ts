/** @file Which character encoding a file is written in, told from its bytes: a mark, zero bytes, or what its non-ASCII lines can be. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Encoding } from '../../../shared/domain/dataset.ts';

export interface FoundEncoding {
  readonly encoding: Encoding;
  /** A mark at the beginning says so; anything else is a judgement that must be told. */
  readonly marked: boolean;
}

const newline = 0x0a;
/** Bytes of lines that are not UTF-8, kept to tell the other encodings apart. */
const MOST_EVIDENCE = 256 * 1024;

/** Reads until it is certain enough; the caller bounds `chunks`. */
export async function findEncoding(chunks: AsyncIterable<Buffer>): Promise<FoundEncoding> {
  const lines = new LineCounts();
  let first = true;
  for await (const chunk of chunks) {
    if (first) {
      const wide = wideEncoding(chunk);
      if (wide !== null) return wide;
      first = false;
    }
    lines.add(chunk);
    if (lines.evidence.length > MOST_EVIDENCE) break;
  }
  lines.end();
  // A few broken lines in a file of UTF-8 are broken lines.
  if (lines.invalid === 0 || lines.invalid * 2 <= lines.nonAscii) return { encoding: 'utf-8', marked: false };
  return { encoding: legacyEncoding(lines.evidence), marked: false };
}

/** UTF-16, by its mark or by the zero bytes of its ASCII characters. */
function wideEncoding(chunk: Buffer): FoundEncoding | null {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return { encoding: 'utf-16le', marked: true };
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return { encoding: 'utf-16be', marked: true };
  const head = chunk.subarray(0, 4096);
  let [even, odd] = [0, 0];
  for (let at = 0; at < head.length; at += 1) {
    if (head[at] !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  const some = head.length * 0.05;
  // Braces, quotes, commas and line ends alone are some of every text, and they have a zero on one side only.
  if (odd > some && even === 0) return { encoding: 'utf-16le', marked: false };
  if (even > some && odd === 0) return { encoding: 'utf-16be', marked: false };
  return null;
}

/** Counts lines with bytes beyond ASCII, and those of them that are no UTF-8. */
class LineCounts {
  nonAscii = 0;
  invalid = 0;
  evidence = Buffer.alloc(0);
  #open: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const cut = wholeCharacters(chunk);
    // Nearly every chunk of nearly every file is UTF-8, which is told at the speed of memory; only another is looked at by its lines.
    if (isUtf8(cut === chunk.length && this.#open.length === 0 ? chunk : Buffer.concat([this.#open, chunk.subarray(0, cut)]))) {
      this.#open = Buffer.from(chunk.subarray(cut));
      if (isAscii(chunk)) return;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, at + 1)) this.nonAscii += 1;
      return;
    }
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      this.#line(this.#open.length === 0 ? chunk.subarray(start, end) : Buffer.concat([this.#open, chunk.subarray(start, end)]));
      this.#open = Buffer.alloc(0);
      start = end + 1;
    }
    this.#open = Buffer.concat([this.#open, chunk.subarray(start)]);
    if (this.#open.length <= MOST_EVIDENCE) return;
    // A line longer than is needed as evidence is judged by its pieces, cut where a character begins.
    const most = wholeCharacters(this.#open);
    this.#line(this.#open.subarray(0, most));
    this.#open = this.#open.subarray(most);
  }

  end(): void {
    this.#line(this.#open);
    this.#open = Buffer.alloc(0);
  }

  #line(bytes: Buffer): void {
    if (isAscii(bytes)) return;
    this.nonAscii += 1;
    if (isUtf8(bytes)) return;
    this.invalid += 1;
    if (this.evidence.length <= MOST_EVIDENCE) this.evidence = Buffer.concat([this.evidence, bytes.subarray(0, MOST_EVIDENCE)]);
  }
}

/** Bytes up to the last character of UTF-8 that may go on behind them. */
function wholeCharacters(bytes: Buffer): number {
  let cut = bytes.length - 1;
  while (cut > bytes.length - 4 && cut > 0 && (bytes[cut]! & 0xc0) === 0x80) cut -= 1;
  return cut < 0 || bytes[cut]! < 0xc0 ? bytes.length : cut;
}

/**
 * Chinese, or Western: characters of two bytes stand beside each other in Chinese text, accented letters stand alone. The second
 * byte of GB 2312 is never below 0xA1, that of Big5 is in two cases of five.
 */
function legacyEncoding(bytes: Buffer): Encoding {
  let pairs = 0;
  let neighbours = 0;
  let low = 0;
  let lowPlain = 0;
  let before = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const [lead, trail] = [bytes[at]!, bytes[at + 1] ?? 0];
    const pair = lead >= 0x81 && lead <= 0xfe && trail >= 0x40 && trail !== 0x7f && trail !== 0xff;
    if (!pair) {
      before = false;
      continue;
    }
    pairs += 1;
    if (before) neighbours += 1;
    if (trail < 0xa1) low += 1;
    if (trail < 0x7f) lowPlain += 1;
    before = true;
    at += 1;
  }
  if (pairs === 0 || neighbours < pairs * 0.4) return 'windows-1252';
  // Big5 has no second byte between 0x7F and 0xA0; the rare characters of GBK do.
  return low > pairs * 0.15 && lowPlain === low ? 'big5' : 'gb18030';
}
