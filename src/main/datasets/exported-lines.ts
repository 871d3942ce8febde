import { canonicalRowSchema } from '../../shared/domain/dataset.ts';
import { exactText } from '../../shared/lib/exact-json.ts';
import { readParsed } from './read-lines.ts';

/** Bytes sent together. */
const CHUNK = 256 * 1024;

/** A version as JSONL that this and other programs read: the row's own columns, without what we keep beside them. @throws AppError DATASET-FILE */
export async function* exportedLines(file: string): AsyncGenerator<Uint8Array, void, void> {
  let lines: string[] = [];
  let size = 0;
  const taken = () => {
    const bytes = Buffer.from(lines.join(''), 'utf8');
    [lines, size] = [[], 0];
    return bytes;
  };
  for await (const { kind: _kind, source: _source, ...columns } of readParsed(file, canonicalRowSchema)) {
    if ('plain' in columns) delete columns.plain;
    const line = `${exactText(columns)}\n`;
    lines.push(line);
    size += line.length;
    if (size >= CHUNK) yield taken();
  }
  if (size > 0) yield taken();
}
