import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const compareRouter = {
  generate: os.compare.generate.handler(({ context, input, signal }) =>
    streamOf(signal, (stop) => context.services.comparisons.generate(input, stop)),
  ),
  warm: os.compare.warm.handler(({ context, input }) => context.services.comparisons.warm(input.modelId, input.columns)),
  manner: os.compare.manner.handler(({ context, input }) => context.services.comparisons.manner(input.runId)),
  history: os.compare.history.handler(({ context, input }) => context.services.comparisons.history(input.limit)),
  forget: os.compare.forget.handler(({ context, input }) => context.services.comparisons.forget(input.id)),
};
