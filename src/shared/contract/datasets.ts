import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { BadRow } from '../domain/dataset.ts';
import {
  datasetSourceSchema,
  readingSchema,
  rowEditSchema,
  type DatasetDependents,
  type DatasetSummary,
  type DatasetVersion,
  type EditState,
  type FileSketch,
  type ImportUpdate,
  type RowPage,
  type VersionComparison,
} from '../domain/dataset-record.ts';
import { byId, idSchema, nameSchema, procedure } from './procedure.ts';

/** A dataset, and the version whose rows the person saw: an edit of rows that were saved elsewhere since is refused. */
const byWorkingCopy = byId.extend({ versionId: idSchema.nullable().default(null) });
const page = { offset: z.int().min(0), limit: z.int().min(1).max(500) };

export const datasets = {
  list: procedure.output(type<readonly DatasetSummary[]>()),
  get: procedure.input(byId).output(type<DatasetSummary>()),
  /** The first rows of a file, and what they would be read as; imports nothing. */
  sketch: procedure.input(z.object({ source: datasetSourceSchema, reading: readingSchema })).output(type<FileSketch>()),
  /** Imports a file as a new dataset. Breaking off leaves nothing behind. */
  import: procedure
    .input(z.object({ source: datasetSourceSchema, name: nameSchema.nullable(), reading: readingSchema }))
    .output(eventIterator(type<ImportUpdate>())),
  rename: procedure.input(z.object({ id: idSchema, name: nameSchema })).output(type<DatasetSummary>()),
  remove: procedure.input(byId).output(type<void>()),
  /** Rows of the working copy. */
  rows: procedure.input(z.object({ id: idSchema, ...page })).output(type<RowPage>()),
  /** Rows that the import refused, with line and reason. */
  badRows: procedure.input(z.object({ id: idSchema, ...page })).output(type<{ readonly total: number; readonly rows: readonly BadRow[] }>()),
  /** Takes refused rows in as they were mended (JSON of the whole row), each as an edit; tells which still cannot be used, and why. */
  mend: procedure
    .input(
      byWorkingCopy.extend({
        rows: z
          .array(z.object({ source: z.int().min(0), text: z.string().max(1_000_000) }))
          .min(1)
          .max(500),
      }),
    )
    .output(type<{ readonly taken: number; readonly refused: readonly BadRow[]; readonly edits: EditState }>()),
  edit: procedure.input(byWorkingCopy.extend({ edit: rowEditSchema })).output(type<EditState>()),
  undo: procedure.input(byWorkingCopy).output(type<EditState>()),
  redo: procedure.input(byWorkingCopy).output(type<EditState>()),
  versions: procedure.input(byId).output(type<readonly DatasetVersion[]>()),
  /** Saves the working copy as a new version; without pending edits the newest version is returned. Training does this by itself. */
  save: procedure.input(byId).output(type<DatasetVersion>()),
  /** Rows of one version as they were saved. */
  versionRows: procedure.input(z.object({ versionId: idSchema, ...page })).output(type<RowPage>()),
  /** Makes the rows of an earlier version the newest one. Pending edits are saved as a version of their own first, so nothing is lost. */
  restore: procedure.input(z.object({ versionId: idSchema })).output(type<DatasetVersion>()),
  compare: procedure.input(z.object({ fromVersionId: idSchema, toVersionId: idSchema })).output(type<VersionComparison>()),
  /** What was made from the dataset, to be told before it is deleted. */
  dependents: procedure.input(byId).output(type<DatasetDependents>()),
};
