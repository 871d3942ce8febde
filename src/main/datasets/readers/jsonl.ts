import { isUtf8 } from 'node:buffer';
import { parseRecord } from './parse-record.ts';
import { maxRowBytes, tooLong, type SourceRecord } from './source-record.ts';

const newline = 10;
const carriageReturn = 13;

/**
 * One record a line; blank lines are skipped but counted, LF and CRLF both end a line. A line over `limit`
 * bytes is skipped without being held.
 */
export async function* readJsonl(chunks: AsyncIterable<Buffer>, limit: number = maxRowBytes): AsyncGenerator<SourceRecord, void, undefined> {
  let line = 0;
  let carry: Buffer[] = [];
  let carried = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      line += 1;
      const length = carried + end - start;
      const piece = chunk.subarray(start, end);
      const bytes = carry.length === 0 ? piece : Buffer.concat([...carry, piece]);
      const record = length > limit ? tooLong(line, 'line', limit) : parseLine(line, bytes);
      if (record !== null) yield record;
      carry = [];
      carried = 0;
      start = end + 1;
    }
    carried += chunk.length - start;
    if (carried > limit) carry = [];
    // The chunk's buffer is reused by the reader, so what outlives it is copied.
    else if (start < chunk.length) carry.push(Buffer.from(chunk.subarray(start)));
  }
  line += 1;
  const last = carried > limit ? tooLong(line, 'line', limit) : parseLine(line, Buffer.concat(carry));
  if (last !== null) yield last;
}

function parseLine(line: number, bytes: Buffer): SourceRecord | null {
  const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
  if (end === 0) return null;
  if (!isUtf8(bytes)) return { source: line, error: 'this line is not valid UTF-8 text' };
  const text = bytes.toString('utf8', 0, end);
  // Only a line that starts with white space can be blank; the test spares a trim of every row.
  if (text.charCodeAt(0) <= 32 && text.trim() === '') return null;
  return parseRecord(line, text);
}
