/**
 * @file What importing or encoding found in a person's rows. One shape for the import preview, the dataset, the inspector, the
 * run and the command line, so that each of them tells the same numbers and names the same rows.
 */
import { z } from 'zod';

/** Rows named in one finding; the count goes on beyond it. */
export const MAX_NAMED_ROWS = 100;

const rowNameSchema = z.object({
  /** 1-based row of the person's file (`CanonicalRow.source`). Words: "row 14 of the file". */
  source: z.int().min(0),
  /** 0-based place in the dataset, as the grid counts; null for rows that are not in it. */
  position: z.int().min(0).nullable(),
});
export type RowName = Readonly<z.infer<typeof rowNameSchema>>;

/** One setting of a recipe that mends a finding. */
const fixSchema = z.object({ path: z.enum(['max_length', 'eos_token', 'loss']), value: z.union([z.string().max(200), z.number()]) });
export type FindingFix = Readonly<z.infer<typeof fixSchema>>;

export const findingSchema = z.object({
  /** Stable name of the kind, such as `UNUSED-COLUMN`, `SET-ASIDE` or `E-BOUNDARY` (spec section 8). */
  code: z.string().min(1).max(40),
  /** `note`: told so that nothing is silent. `warning`: probably not what was meant. `problem`: rows are lost or wrong. */
  level: z.enum(['note', 'warning', 'problem']),
  /** A sentence that says what was found, without the list of rows. */
  message: z.string().max(2000),
  /** What to do about it, where there is something. */
  remedy: z.string().max(1000).nullable(),
  /** Rows concerned; null where it concerns the whole file. */
  rows: z.object({ count: z.int().min(0), first: z.array(rowNameSchema).max(MAX_NAMED_ROWS).readonly() }).nullable(),
  /** What to set so that it is gone, where one setting does it. */
  fix: fixSchema.optional(),
});
export type Finding = Readonly<z.infer<typeof findingSchema>>;

/** A finding as one line for a log or a terminal. */
export function findingSentence({ message, remedy, rows }: Finding): string {
  const first = rows?.first[0];
  const where = first === undefined ? '' : ` First: row ${first.source} of the file.`;
  return `${message}${where}${remedy === null ? '' : ` ${remedy}`}`;
}
