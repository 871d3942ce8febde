/** @file Rows that an import set aside, mended by a person: read again by the plan of that import, as if they had stood in the file like this. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { datasetFormatSchema, pairStyleSchema, type BadRow, type CanonicalRow } from '../../shared/domain/dataset.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { AtomicFile, type OpenForWriting } from '../files/line-file.ts';
import { FindingBook } from './finding-book.ts';
import { fieldNames, type ImportPlan } from './import-plan.ts';
import { parseRecord } from './readers/parse-record.ts';
import { RowAccount } from './row-account.ts';

const PLAN_FILE = 'plan.json';

const planSchema = z.object({
  format: datasetFormatSchema,
  columns: z.partialRecord(z.enum(fieldNames), z.string()),
  pairs: pairStyleSchema,
  turnKeys: z.object({ role: z.string(), content: z.string() }),
  conversational: z.boolean(),
});

export interface MendedRow {
  /** The row of the file that it stood on. */
  readonly source: number;
  /** JSON of the whole row. */
  readonly text: string;
}

/** Keeps how the rows of a folder were read. */
export async function writePlan(folder: string, plan: ImportPlan, openFile?: OpenForWriting): Promise<void> {
  const file = await AtomicFile.create(join(folder, PLAN_FILE), openFile);
  try {
    await file.writeLine(JSON.stringify(plan));
    await file.seal();
    await file.commit();
  } finally {
    await file.discard();
  }
}

/** Each row as it can be taken now, or why it still cannot. @throws AppError IMPORT-PLAN for a folder imported before plans were kept */
export async function mendRows(folder: string, rows: readonly MendedRow[]): Promise<readonly (CanonicalRow | BadRow)[]> {
  const plan = await readPlan(folder);
  return rows.map(({ source, text }) => {
    const taken = new RowAccount(plan, new FindingBook()).take(parseRecord(source, text));
    return 'row' in taken ? taken.row : taken.bad;
  });
}

async function readPlan(folder: string): Promise<ImportPlan> {
  try {
    return planSchema.parse(JSON.parse(await readFile(join(folder, PLAN_FILE), 'utf8'))) as ImportPlan;
  } catch (error) {
    throw new AppError(
      {
        code: 'IMPORT-PLAN',
        message: 'How this dataset was read is not known any more: it was imported by an older version.',
        data: { folder },
        remedy: 'Import the file again.',
      },
      error,
    );
  }
}
