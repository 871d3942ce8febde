/** @file What has been saved of a dataset: read, compared, taken elsewhere, and what was made from it. Nothing here changes anything. */
import { z } from 'zod';
import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import type { DatasetDependents, RowPage, VersionComparison } from '../../shared/domain/dataset-record.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { readLines } from '../datasets/read-lines.ts';
import { RowFile } from '../datasets/row-file.ts';
import { DatasetsTable, type VersionEntry } from '../registry/datasets-table.ts';
import type { ServiceContext } from './context.ts';
import { compareRows } from './version-comparison.ts';

const statusKind = z.object({ kind: z.string() });
/** States from which a run can be gone on with, and so needs its rows. */
const RESUMABLE: ReadonlySet<string> = new Set(['stopped', 'failed', 'interrupted']);

export class DatasetVersions {
  readonly #datasets: DatasetsTable;

  constructor(context: ServiceContext) {
    this.#datasets = new DatasetsTable(context.registry.database);
  }

  /** Rows of a version as they were saved. @throws AppError VERSION-UNKNOWN, DATASET-FILE */
  async rows(versionId: string, offset: number, limit: number): Promise<RowPage> {
    const { file, rows: total } = this.#version(versionId);
    const numbers = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => offset + i);
    const rows = await (await RowFile.open(file)).read(numbers);
    return { total, offset, rows: rows.map((row, i) => ({ key: offset + i, position: offset + i, row, change: 'none' })) };
  }

  /** @throws AppError VERSION-UNKNOWN, DATASET-FILE */
  async compare(fromVersionId: string, toVersionId: string, signal?: AbortSignal): Promise<VersionComparison> {
    const [from, to] = [this.#version(fromVersionId), this.#version(toVersionId)];
    return compareRows(() => readRows(from.file, signal), () => readRows(to.file, signal));
  }

  /**
   * A version as JSONL that this and other programs read: the row's own columns, without what we keep beside them.
   * @throws AppError VERSION-UNKNOWN
   */
  exported(versionId: string): { readonly name: string; readonly number: number; readonly lines: AsyncIterable<Uint8Array> } {
    const version = this.#version(versionId);
    const name = this.#datasets.get(version.dataset_id)?.name ?? 'dataset';
    return { name, number: version.number, lines: exportedLines(version.file) };
  }

  dependents(datasetId: string): DatasetDependents {
    const runs = this.#datasets.runsOf(datasetId);
    return { runs: runs.map(({ id, name, number, status_json: status }) => ({ id, name, versionNumber: number, resumable: RESUMABLE.has(statusKind.parse(JSON.parse(status)).kind) })) };
  }

  #version(id: string): VersionEntry {
    const version = this.#datasets.version(id);
    if (version === null) throw new AppError({ code: 'VERSION-UNKNOWN', message: 'There is no such version; its dataset may have been deleted.', data: { id }, remedy: 'Choose a version from the list.' });
    return version;
  }
}

async function* readRows(file: string, signal?: AbortSignal): AsyncGenerator<CanonicalRow, void, void> {
  for await (const line of readLines(file)) {
    signal?.throwIfAborted();
    yield canonicalRowSchema.parse(JSON.parse(line));
  }
}

async function* exportedLines(file: string): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  for await (const line of readLines(file)) {
    const { kind: _kind, source: _source, ...columns } = canonicalRowSchema.parse(JSON.parse(line));
    if ('plain' in columns) delete columns.plain;
    yield encoder.encode(`${JSON.stringify(columns)}\n`);
  }
}
