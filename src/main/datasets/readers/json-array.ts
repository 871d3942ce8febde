import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../shared/lib/app-error.ts';
import { isSpace, JsonSplitter, type Element } from './json-splitter.ts';
import { parseRecord } from './parse-record.ts';
import { maxRowBytes, tooLong, type SourceRecord } from './source-record.ts';

/**
 * One record an element of the file's single top-level array. A broken element is an error record; a file that
 * ends inside the array yields one for the cut element. Throws `AppError` `E-FMT-JSON` when the file is not
 * one array: rows after it would otherwise be lost without a word.
 */
export async function* readJsonArray(
  file: string,
  chunks: AsyncIterable<Buffer>,
  limit: number = maxRowBytes,
): AsyncGenerator<SourceRecord, void, undefined> {
  const splitter = new JsonSplitter(limit);
  let source = 0;
  for await (const chunk of chunks) {
    for (const element of splitter.push(chunk)) {
      source += 1;
      yield parseElement(source, element, limit);
    }
    if (splitter.state === 'stray') throw notOneArray(file, source);
  }
  if (splitter.state === 'inside') {
    yield { source: source + 1, error: 'the file ends inside this element: the array is never closed' };
  }
}

function parseElement(source: number, element: Element, limit: number): SourceRecord {
  if ('tooLong' in element) return tooLong(source, 'element', limit);
  // Told without a parser, which makes an exception of each: a file of commas is millions of them.
  if (element.bytes.length === 0 || element.bytes.every(isSpace)) return { source, error: 'the element is empty: a comma stands where a row should' };
  if (!isUtf8(element.bytes)) return { source, error: 'this element is not valid UTF-8 text' };
  return parseRecord(source, element.bytes.toString('utf8'));
}

function notOneArray(file: string, elements: number): AppError {
  return new AppError({
    code: 'E-FMT-JSON',
    message: `${file} has more data after its top-level array, which ended with element ${elements}.`,
    data: { file, elements },
    remedy: 'Put every row into one array [ {…}, {…} ], or one object a line (JSONL).',
  });
}
