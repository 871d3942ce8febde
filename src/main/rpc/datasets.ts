import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const datasetsRouter = {
  list: os.datasets.list.handler(({ context }) => context.services.datasets.list()),
  get: os.datasets.get.handler(({ context, input }) => context.services.datasets.get(input.id)),
  sketch: os.datasets.sketch.handler(({ context, input, signal }) => context.services.datasets.sketch(input.source, input.reading, signal)),
  import: os.datasets.import.handler(({ context, input, signal }) =>
    streamOf(signal, (stop) => context.services.datasets.import(input.source, input.name, input.reading, stop)),
  ),
  rename: os.datasets.rename.handler(({ context, input }) => context.services.datasets.rename(input.id, input.name)),
  remove: os.datasets.remove.handler(({ context, input }) => context.services.datasets.remove(input.id)),
  rows: os.datasets.rows.handler(({ context, input }) => context.services.datasets.rows(input.id, input.offset, input.limit)),
  badRows: os.datasets.badRows.handler(({ context, input }) => context.services.datasets.badRows(input.id, input.offset, input.limit)),
  mend: os.datasets.mend.handler(({ context, input }) => context.services.datasets.mend(input.id, input.rows, input.versionId)),
  edit: os.datasets.edit.handler(({ context, input }) => context.services.datasets.edit(input.id, input.edit, input.versionId)),
  undo: os.datasets.undo.handler(({ context, input }) => context.services.datasets.undo(input.id, input.versionId)),
  redo: os.datasets.redo.handler(({ context, input }) => context.services.datasets.redo(input.id, input.versionId)),
  versions: os.datasets.versions.handler(({ context, input }) => context.services.datasets.versions(input.id)),
  save: os.datasets.save.handler(({ context, input }) => context.services.datasets.save(input.id)),
  versionRows: os.datasets.versionRows.handler(({ context, input }) =>
    context.services.datasetVersions.rows(input.versionId, input.offset, input.limit),
  ),
  restore: os.datasets.restore.handler(({ context, input }) => context.services.datasets.restore(input.versionId)),
  compare: os.datasets.compare.handler(({ context, input, signal }) =>
    context.services.datasetVersions.compare(input.fromVersionId, input.toVersionId, signal),
  ),
  dependents: os.datasets.dependents.handler(({ context, input }) => context.services.datasetVersions.dependents(input.id)),
};
