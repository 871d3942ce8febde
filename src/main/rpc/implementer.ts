import { randomUUID } from 'node:crypto';
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { Services } from '../services/services.ts';

/** What a handler is given beside its input. */
export interface RpcContext {
  readonly services: Services;
  /** Keeps what must not travel: stack traces and texts of our own bugs. */
  readonly logInternal: (logId: string, error: unknown) => void;
}

/** Calls that change nothing: they are tried again where another program holds the registry for a moment. */
const READS: ReadonlySet<string> = new Set([
  'settings.get', 'models.list', 'models.get', 'datasets.list', 'datasets.get', 'datasets.rows', 'datasets.badRows', 'datasets.versions', 'datasets.versionRows', 'datasets.compare', 'datasets.dependents',
  'runs.check', 'runs.list', 'runs.get', 'runs.dependents', 'playground.manner', 'playground.history',
]);

/** The contract with our errors mapped: an AppError travels as it is, anything else is a bug of ours and stays in the log. */
export const os = implement(contract).$context<RpcContext>().use(async ({ context, next, path }) => {
  try {
    const result = await (READS.has(path.join('.')) ? context.services.registry.read(async () => next()) : next());
    return { ...result, output: isStream(result.output) ? (mapped(result.output, context) as typeof result.output) : result.output };
  } catch (error) {
    throw travelling(error, context);
  }
});

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function* mapped(stream: AsyncIterable<unknown>, context: RpcContext): AsyncGenerator<unknown, void, void> {
  try {
    yield* stream;
  } catch (error) {
    throw travelling(error, context);
  }
}

function travelling(thrown: unknown, { services, logInternal }: RpcContext): unknown {
  const error = services.registry.inWords(thrown);
  if (error instanceof AppError) return new ORPCError('APP_ERROR', { status: 422, message: error.message, data: error.toFields(), defined: true });
  if (error instanceof ORPCError) return error;
  const logId = randomUUID();
  logInternal(logId, error);
  return new ORPCError('INTERNAL', { status: 500, message: 'Something went wrong inside Tunesmith.', data: { logId }, defined: true });
}
