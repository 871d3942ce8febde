import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const modelsRouter = {
  list: os.models.list.handler(({ context }) => context.services.models.list()),
  get: os.models.get.handler(({ context, input }) => context.services.models.get(input.id)),
  open: os.models.open.handler(({ context, input }) => context.services.models.open(input.path)),
  scan: os.models.scan.handler(({ context, signal }) => streamOf(signal, (stop) => context.services.models.scan(stop))),
  forget: os.models.forget.handler(({ context, input }) => context.services.models.forget(input.id)),
};
