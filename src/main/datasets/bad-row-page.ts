import { badRowSchema, type BadRow } from '../../shared/domain/dataset.ts';
import { cutText } from './cut-value.ts';
import { parseLine, readLines } from './read-lines.ts';

/** Characters of texts on one page, and of each text beyond them. */
const PAGE = 2 * 1024 * 1024;
const BEYOND = 1024;

export interface BadRowPage {
  /** Rows that are listed. */
  readonly total: number;
  readonly rows: readonly BadRow[];
}

/** Some of the rows that an import has listed as refused. */
export async function badRowPage(file: string, offset: number, limit: number): Promise<BadRowPage> {
  const rows: BadRow[] = [];
  let left = PAGE;
  let total = 0;
  for await (const line of readLines(file)) {
    if (total >= offset && total < offset + limit) {
      const row = parseLine(line, badRowSchema, file, total + 1);
      const { text } = row;
      const short = text === undefined || text.length <= Math.max(left, BEYOND) ? row : { ...row, text: cutText(text, BEYOND), cut: true };
      left -= short.text?.length ?? 0;
      rows.push(short);
    }
    total += 1;
  }
  return { total, rows };
}
