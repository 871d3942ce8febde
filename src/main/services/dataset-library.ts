import type { BadRow } from '../../shared/domain/dataset.ts';
import type { DatasetSource, DatasetSummary, DatasetVersion, EditState, FileSketch, ImportUpdate, Reading, RowEdit, RowPage } from '../../shared/domain/dataset-record.ts';
import type { Upload } from '../../shared/domain/upload.ts';
import type { ServiceContext } from './context.ts';
import { notBuilt } from './not-built.ts';

/** Imported datasets: their versions, and the working copy that is edited. */
export class DatasetLibrary {
  readonly #context: ServiceContext;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Takes a file that the page sends, chunk by chunk, into the data folder. @throws AppError UPLOAD-NAME, DISK-FULL, FILE-WRITE */
  receive(_fileName: string, _body: AsyncIterable<Uint8Array>, _signal: AbortSignal): Promise<Upload> {
    return notBuilt('datasets', this.#context);
  }

  list(): readonly DatasetSummary[] {
    return notBuilt('datasets');
  }

  /** @throws AppError DATASET-UNKNOWN */
  get(_id: string): DatasetSummary {
    return notBuilt('datasets');
  }

  sketch(_source: DatasetSource, _reading: Reading): Promise<FileSketch> {
    return notBuilt('datasets');
  }

  /** @param origin marks the bundled dataset */
  import(_source: DatasetSource, _name: string | null, _reading: Reading, _signal: AbortSignal, _origin: 'starter' | null = null): AsyncIterable<ImportUpdate> {
    return notBuilt('datasets');
  }

  rename(_id: string, _name: string): DatasetSummary {
    return notBuilt('datasets');
  }

  remove(_id: string): Promise<void> {
    return notBuilt('datasets');
  }

  rows(_id: string, _offset: number, _limit: number): Promise<RowPage> {
    return notBuilt('datasets');
  }

  badRows(_id: string, _offset: number, _limit: number): Promise<{ readonly total: number; readonly rows: readonly BadRow[] }> {
    return notBuilt('datasets');
  }

  edit(_id: string, _edit: RowEdit): Promise<EditState> {
    return notBuilt('datasets');
  }

  undo(_id: string): Promise<EditState> {
    return notBuilt('datasets');
  }

  redo(_id: string): Promise<EditState> {
    return notBuilt('datasets');
  }

  versions(_id: string): readonly DatasetVersion[] {
    return notBuilt('datasets');
  }

  /** The working copy as a version: a new one when edits are pending, else the newest. */
  save(_id: string): Promise<DatasetVersion> {
    return notBuilt('datasets');
  }

  /** @throws AppError DATASET-UNKNOWN */
  version(_versionId: string): DatasetVersion {
    return notBuilt('datasets');
  }
}
