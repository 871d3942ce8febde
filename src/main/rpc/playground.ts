import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const playgroundRouter = {
  generate: os.playground.generate.handler(({ context, input, signal }) => streamOf(signal, (stop) => context.services.comparisons.generate(input, stop))),
  warm: os.playground.warm.handler(({ context, input }) => context.services.comparisons.warm(input.modelId, input.columns)),
  manner: os.playground.manner.handler(({ context, input }) => context.services.comparisons.manner(input.runId)),
  history: os.playground.history.handler(({ context, input }) => context.services.comparisons.history(input.limit)),
  forget: os.playground.forget.handler(({ context, input }) => context.services.comparisons.forget(input.id)),
};
