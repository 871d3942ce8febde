/**
 * RFC 4180 records from text that arrives in pieces: quoted cells may hold delimiters and line breaks, `""` is
 * a quote, LF and CRLF end a record. Written here rather than taken from papaparse because a stray quote must
 * cost one row and bounded memory, not the rest of the file; the tests hold it against papaparse.
 */
export interface CsvRecord {
  /** 1-based line of the file on which the record starts. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Why the cells cannot be trusted. */
  readonly error?: string;
}

/** Longest row in UTF-16 units: a row in this format is cells a person typed, and each open quote rescans it. */
const maxRowChars = 16 * 1024 * 1024;
const maxCells = 16_384;

/** Beyond this many quotes that never close the file is not CSV; each costs a scan of what is held. */
const mostUnclosedQuotes = 50;

export class TooManyOpenQuotes extends Error {
  readonly line: number;
  constructor(line: number) {
    super(`over ${mostUnclosedQuotes} quotes are never closed, the last on line ${line}`);
    this.line = line;
  }
}

export class CsvParser {
  private readonly delimiter: string;
  private readonly limit: number;
  private text = '';
  private at = 0;
  private line: number;
  private unclosed = 0;
  /** Held text shorter than this cannot end the open record: doubling it keeps rescans linear. */
  private retryAt = 0;
  private nextDelimiter = -1;

  constructor(delimiter: string, limit: number = maxRowChars, firstLine = 1) {
    this.delimiter = delimiter;
    this.limit = limit;
    this.line = firstLine;
  }

  /** Takes the next piece (`last`: no more follows) and yields the records that are complete. Blank lines are skipped. */
  *push(piece: string, last: boolean): Generator<CsvRecord, void, undefined> {
    this.text = this.text.slice(this.at) + piece;
    this.at = 0;
    this.nextDelimiter = -1;
    if (!last && this.text.length < this.retryAt) return;
    this.retryAt = 0;
    while (this.at < this.text.length) {
      const start = this.at;
      const record = this.record(last);
      if (record === null) {
        const held = this.text.length - start;
        if (!last && held <= this.limit) {
          this.at = start;
          this.retryAt = Math.min(2 * held, this.limit + 1);
          return;
        }
        yield this.giveUp(start, last);
      } else if (record.error !== undefined || record.cells.length > 1 || record.cells[0] !== '') yield record;
    }
  }

  /** Parses one record at `this.at`; null when its end is not in the text yet. */
  private record(last: boolean): CsvRecord | null {
    const { text, delimiter } = this;
    const line = this.line;
    const cells: string[] = [];
    let at = this.at;
    let newline = -1;
    for (;;) {
      let end: number;
      if (text.charCodeAt(at) === 0x22) {
        const close = closingQuote(text, at);
        if (close === -1) return null;
        end = close + 1;
        if (end + 1 >= text.length && !last) return null;
        if (!endsCell(text, end, delimiter)) return this.refuseLine(line, close, last, afterQuote);
        cells.push(unquote(text, at + 1, close));
        if (text.charCodeAt(end) === 0x0d) end += 1;
      } else {
        if (newline < at) newline = indexOrEnd(text, '\n', at);
        if (newline === text.length && !last) return null;
        // Kept across rows: a file of one column has no delimiter, and looking for it again each row is quadratic.
        if (this.nextDelimiter < at) this.nextDelimiter = indexOrEnd(text, delimiter, at);
        end = Math.min(this.nextDelimiter, newline);
        const cut = end === newline && end > at && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
        cells.push(text.slice(at, cut));
      }
      if (text.charCodeAt(end) !== delimiter.charCodeAt(0)) {
        this.advance(end);
        return { line, cells };
      }
      if (cells.length >= maxCells) return this.refuseLine(line, end, last, `the row has over ${maxCells} cells`);
      at = end + 1;
    }
  }

  /** A row that cannot be cut into cells: the rest of the line that holds `from` is given up. */
  private refuseLine(line: number, from: number, last: boolean, why: string): CsvRecord | null {
    const newline = indexOrEnd(this.text, '\n', from);
    if (newline === this.text.length && !last) return null;
    this.advance(newline);
    return { line, cells: [], error: `${why} (row starts on line ${line})` };
  }

  /** A record that does not end: only its first line is refused, and reading goes on with the next. */
  private giveUp(start: number, last: boolean): CsvRecord {
    const line = this.line;
    this.unclosed += 1;
    if (this.unclosed > mostUnclosedQuotes) throw new TooManyOpenQuotes(line);
    this.at = start;
    this.advance(indexOrEnd(this.text, '\n', start));
    const why = last ? 'is never closed' : `is still open after ${this.limit.toLocaleString('en')} characters`;
    return { line, cells: [], error: `a quote opened in the row that starts on line ${line} ${why}` };
  }

  /** Moves past the line break at `end`, counting the lines passed. */
  private advance(end: number): void {
    for (let at = this.text.indexOf('\n', this.at); at !== -1 && at <= end; at = this.text.indexOf('\n', at + 1)) {
      this.line += 1;
    }
    this.at = end + 1;
  }
}

const afterQuote = 'a closing quote is followed by other text';

/** Offset of the quote that closes the cell opened at `open`; -1 when it is not there. */
function closingQuote(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (at !== -1 && text.charCodeAt(at + 1) === 0x22) at = text.indexOf('"', at + 2);
  return at;
}

function endsCell(text: string, at: number, delimiter: string): boolean {
  if (at >= text.length) return true;
  const next = text[at];
  return next === delimiter || next === '\n' || (next === '\r' && (text[at + 1] === '\n' || at + 1 >= text.length));
}

function unquote(text: string, from: number, to: number): string {
  const cell = text.slice(from, to);
  return cell.includes('"') ? cell.replaceAll('""', '"') : cell;
}

function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}
