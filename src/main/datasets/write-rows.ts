import { AtomicFile } from '../files/line-file.ts';
import { EditedRows, type JournalEntry } from './edited-rows.ts';
import { RowFile } from './row-file.ts';

/** Rows of a version with its edits, as a file of their own. */
export interface WriteRows {
  /** The version's file, its rows and its journal. */
  readonly file: string;
  readonly rows: number;
  readonly journal: readonly JournalEntry[];
  readonly first: number;
  readonly count: number;
  readonly target: string;
}

/** Writes the file and its index. @throws AppError DATASET-FILE, DISK-FULL, FILE-DENIED, FILE-WRITE */
export async function writeRows({
  file,
  rows,
  journal,
  first,
  count,
  target,
}: WriteRows): Promise<{ readonly rows: number; readonly contentHash: string }> {
  const copy = new EditedRows(rows, journal);
  const source = await RowFile.open(file);
  const out = await AtomicFile.create(target);
  try {
    let written = 0;
    for await (const line of copy.lines(first, count, (key) => source.linesFrom(key))) {
      const writing = out.writeLine(line);
      if (writing !== null) await writing;
      written += 1;
    }
    await out.seal();
    const contentHash = await out.commit();
    if (written > 0) await RowFile.open(target);
    return { rows: written, contentHash };
  } finally {
    await out.discard();
  }
}
