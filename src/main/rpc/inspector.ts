import { os } from './implementer.ts';
import { streamOf } from './stream.ts';

export const inspectorRouter = {
  rows: os.inspector.rows.handler(({ context, input, signal }) =>
    streamOf(signal, (stop) => context.services.inspector.rows(input, input.first, input.count, stop)),
  ),
  count: os.inspector.count.handler(({ context, input, signal }) => streamOf(signal, (stop) => context.services.inspector.count(input, stop))),
};
