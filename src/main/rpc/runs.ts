import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const runsRouter = {
  check: os.runs.check.handler(({ context, input }) => context.services.runs.check(input.modelId, input.datasetId, input.settings)),
  estimate: os.runs.estimate.handler(({ context, input }) => context.services.estimates.estimate(input)),
  measure: os.runs.measure.handler(({ context, input, signal }) => streamOf(signal, (stop) => context.services.estimates.measure(input, stop))),
  start: os.runs.start.handler(({ context, input }) => context.services.runs.start(input, input.name, input.origin)),
  list: os.runs.list.handler(({ context }) => context.services.runs.list()),
  watchList: os.runs.watchList.handler(({ context, signal }) => streamOf(signal, (stop) => context.services.runs.watchList(stop))),
  get: os.runs.get.handler(({ context, input }) => context.services.runs.get(input.id)),
  watch: os.runs.watch.handler(({ context, input, signal }) => streamOf(signal, (stop) => context.services.runs.watch(input.id, stop))),
  stop: os.runs.stop.handler(({ context, input }) => context.services.runs.stop(input.id)),
  resume: os.runs.resume.handler(({ context, input }) => context.services.runs.resume(input.id)),
  rename: os.runs.rename.handler(({ context, input }) => context.services.runs.rename(input.id, input.name)),
  note: os.runs.note.handler(({ context, input }) => context.services.runs.note(input.id, input.notes)),
  dependents: os.runs.dependents.handler(({ context, input }) => context.services.runDependents.of(input.id)),
  remove: os.runs.remove.handler(({ context, input }) => context.services.runs.remove(input.id)),
};
