import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { BadRow } from '../domain/dataset.ts';
import { datasetSourceSchema, readingSchema, rowEditSchema, type DatasetSummary, type DatasetVersion, type EditState, type FileSketch, type ImportUpdate, type RowPage } from '../domain/dataset-record.ts';
import { byId, idSchema, nameSchema, procedure } from './procedure.ts';

const page = { offset: z.int().min(0), limit: z.int().min(1).max(500) };

export const datasets = {
  list: procedure.output(type<readonly DatasetSummary[]>()),
  get: procedure.input(byId).output(type<DatasetSummary>()),
  /** The first rows of a file, and what they would be read as; imports nothing. */
  sketch: procedure.input(z.object({ source: datasetSourceSchema, reading: readingSchema })).output(type<FileSketch>()),
  /** Imports a file as a new dataset. Breaking off leaves nothing behind. */
  import: procedure.input(z.object({ source: datasetSourceSchema, name: nameSchema.nullable(), reading: readingSchema })).output(eventIterator(type<ImportUpdate>())),
  rename: procedure.input(z.object({ id: idSchema, name: nameSchema })).output(type<DatasetSummary>()),
  remove: procedure.input(byId).output(type<void>()),
  /** Rows of the working copy. */
  rows: procedure.input(z.object({ id: idSchema, ...page })).output(type<RowPage>()),
  /** Rows that the import refused, with line and reason. */
  badRows: procedure.input(z.object({ id: idSchema, ...page })).output(type<{ readonly total: number; readonly rows: readonly BadRow[] }>()),
  edit: procedure.input(z.object({ id: idSchema, edit: rowEditSchema })).output(type<EditState>()),
  undo: procedure.input(byId).output(type<EditState>()),
  redo: procedure.input(byId).output(type<EditState>()),
  versions: procedure.input(byId).output(type<readonly DatasetVersion[]>()),
  /** Saves the working copy as a new version; without pending edits the newest version is returned. Training does this by itself. */
  save: procedure.input(byId).output(type<DatasetVersion>()),
};
