/** @file Datasets as the registry keeps them: versions that never change, and a working copy of edits on top of the newest. */
import { z } from 'zod';
import {
  canonicalRowSchema,
  datasetFormatSchema,
  encodingSchema,
  pairStyleSchema,
  type BadRow,
  type CanonicalRow,
  type DatasetFormat,
} from './dataset.ts';
import type { Finding } from './finding.ts';

/** A file to import: one that the page has sent (see `upload.ts`), or one on the host's disk. */
export const datasetSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('upload'), uploadId: z.string().min(1).max(64) }),
  z.object({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
]);
export type DatasetSource = z.infer<typeof datasetSourceSchema>;

/** How a file is to be read; the same names and defaults as `dataset` of a recipe. */
export const readingSchema = z.object({
  format: z.enum(['auto', ...datasetFormatSchema.options]).default('auto'),
  /** Field of the format to column of the file, e.g. `{ prompt: 'question' }`. */
  mapping: z.record(z.string().max(100), z.string().min(1).max(1000)).nullable().default(null),
  pairs: pairStyleSchema.default('chat'),
  /** Of the file; `auto` finds it by the bytes. */
  encoding: z.enum(['auto', ...encodingSchema.options]).default('auto'),
});
export type Reading = z.output<typeof readingSchema>;

/** The first rows of a file before it is imported, and what they would be read as. */
export interface FileSketch {
  readonly fileName: string;
  readonly bytes: number;
  /** In order of appearance in the sampled rows. */
  readonly columns: readonly { readonly name: string; readonly samples: readonly string[] }[];
  /** How the file would be read with the reading asked for. */
  readonly outcome:
    | {
        readonly kind: 'readable';
        readonly format: DatasetFormat;
        readonly mapping: Readonly<Record<string, string>>;
        readonly rows: readonly CanonicalRow[];
        readonly badRows: readonly BadRow[];
        readonly findings: readonly Finding[];
      }
    | { readonly kind: 'unreadable'; readonly code: string; readonly message: string; readonly remedy: string | null };
  /** The parts each format is made of, for the mapping form. */
  readonly formats: readonly { readonly format: DatasetFormat; readonly required: readonly string[]; readonly optional: readonly string[] }[];
}

/** An imported or saved state of a dataset; its file of canonical rows is never changed. */
export interface DatasetVersion {
  readonly id: string;
  readonly datasetId: string;
  /** 1, 2, ... within the dataset. */
  readonly number: number;
  readonly format: DatasetFormat;
  /** Canonical rows, JSONL. */
  readonly file: string;
  readonly rows: number;
  readonly badRows: number;
  readonly badRowSamples: readonly BadRow[];
  /** What the import found, with its rows; edits made since may have mended some of it. */
  readonly findings: readonly Finding[];
  /** sha256 of the canonical file. */
  readonly contentHash: string;
  readonly createdAt: string;
}

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  /** The file it was imported from, as the person knew it. */
  readonly sourceName: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: DatasetVersion;
  readonly edits: EditState;
}

/** The working copy: what the newest version becomes with the edits made since. */
export interface EditState {
  /** Rows with all edits applied. */
  readonly rows: number;
  /** Edits in effect and not yet saved as a version. */
  readonly pending: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** A row of the working copy. `key` names it for as long as the version lives, wherever it stands. */
export interface DatasetRow {
  readonly key: number;
  /** 0-based place in the working copy. */
  readonly position: number;
  readonly row: CanonicalRow;
  readonly change: 'none' | 'edited' | 'added';
  /** Only the beginning of its texts is here, for the page would be too large: asked for alone, a row comes whole if it can be changed at all. */
  readonly cut?: boolean;
}

export interface RowPage {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly DatasetRow[];
}

/** One step of editing; each can be undone. */
export const rowEditSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('replace'), key: z.int().min(0), row: canonicalRowSchema }),
  /** At the end of the dataset. */
  z.object({ kind: z.literal('add'), row: canonicalRowSchema }),
  z.object({ kind: z.literal('delete'), keys: z.array(z.int().min(0)).min(1).max(10_000) }),
]);
export type RowEdit = z.infer<typeof rowEditSchema>;

export type ImportUpdate =
  | { readonly kind: 'progress'; readonly bytesDone: number; readonly bytesTotal: number; readonly rows: number; readonly badRows: number }
  | { readonly kind: 'done'; readonly dataset: DatasetSummary };

/** Rows told of one comparison; the counts go on beyond it. */
export const MAX_COMPARED_ROWS = 200;

/** How a version differs from another. Rows are the same where their content is, wherever they stand. */
export interface VersionComparison {
  readonly same: number;
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
  /** The first rows that differ: by row of the person's file, then as they come. */
  readonly rows: readonly ComparedRow[];
}

export type ComparedRow =
  /** Both hold the row of this place in the person's file, with other content. */
  | { readonly kind: 'changed'; readonly before: CanonicalRow; readonly after: CanonicalRow }
  | { readonly kind: 'added'; readonly after: CanonicalRow }
  | { readonly kind: 'removed'; readonly before: CanonicalRow };

/** What a dataset's deletion would leave without its rows. */
export interface DatasetDependents {
  readonly runs: readonly { readonly id: string; readonly name: string; readonly versionNumber: number; readonly resumable: boolean }[];
}
