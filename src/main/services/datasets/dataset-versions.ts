/** @file What has been saved of a dataset: read, compared, taken elsewhere, and what was made from it. Nothing here changes anything. */
import { z } from 'zod';
import type { DatasetDependents, RowPage, VersionComparison } from '../../../shared/domain/dataset-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { DatasetsTable, type VersionEntry } from '../../registry/datasets-table.ts';
import { runTask, streamTask } from '../../worker-host/workers.ts';
import type { ServiceContext } from '../context.ts';
import { openRows, RowPages } from './row-pages.ts';

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
    const pages = new RowPages(await openRows(file), limit);
    const rows = await pages.read(numbers);
    return { total, offset, rows: pages.fitted(rows.map((row, i) => ({ key: offset + i, position: offset + i, row, change: 'none' }))) };
  }

  /** @throws AppError VERSION-UNKNOWN, DATASET-FILE */
  async compare(fromVersionId: string, toVersionId: string, signal?: AbortSignal): Promise<VersionComparison> {
    const [from, to] = [this.#version(fromVersionId), this.#version(toVersionId)];
    return runTask('compare', { from: from.file, to: to.file }, { about: 'The versions', signal });
  }

  /**
   * A version as JSONL that this and other programs read: the row's own columns, without what we keep beside them.
   * @throws AppError VERSION-UNKNOWN
   */
  exported(versionId: string, signal: AbortSignal): { readonly name: string; readonly number: number; readonly lines: AsyncIterable<Uint8Array> } {
    const version = this.#version(versionId);
    const name = this.#datasets.get(version.dataset_id)?.name ?? 'dataset';
    return { name, number: version.number, lines: streamTask('export-rows', { file: version.file }, { about: name, signal }) };
  }

  dependents(datasetId: string): DatasetDependents {
    const runs = this.#datasets.runsOf(datasetId);
    return {
      runs: runs.map(({ id, name, number, status_json: status }) => ({
        id,
        name,
        versionNumber: number,
        resumable: RESUMABLE.has(statusKind.parse(JSON.parse(status)).kind),
      })),
    };
  }

  #version(id: string): VersionEntry {
    const version = this.#datasets.version(id);
    if (version === null)
      throw new AppError({
        code: 'VERSION-UNKNOWN',
        message: 'There is no such version; its dataset may have been deleted.',
        data: { id },
        remedy: 'Choose a version from the list.',
      });
    return version;
  }
}
