import { randomUUID } from 'node:crypto';
import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../shared/contract/index.ts';
import { AppError, boundedFields } from '../../shared/lib/app-error.ts';
import { during } from '../services/machine/loop-watch.ts';
import type { Services } from '../services/services.ts';
import { assertWithin } from './limits.ts';
import type { OpenCalls } from './open-calls.ts';

/** What a handler is given beside its input. */
export interface RpcContext {
  readonly services: Services;
  /** Keeps what must not travel: stack traces and texts of our own bugs. */
  readonly logInternal: (logId: string, error: unknown) => void;
  /** Of the page that asks. */
  readonly calls: OpenCalls;
}

/** Calls that change nothing: they are tried again where another program holds the registry for a moment. */
const READS: ReadonlySet<string> = new Set([
  'settings.get',
  'models.list',
  'models.get',
  'datasets.list',
  'datasets.get',
  'datasets.rows',
  'datasets.badRows',
  'datasets.versions',
  'datasets.versionRows',
  'datasets.compare',
  'datasets.dependents',
  'runs.check',
  'runs.list',
  'runs.get',
  'runs.dependents',
  'compare.manner',
  'compare.history',
]);

/**
 * The contract with our errors mapped: an AppError travels as it is, anything else is a bug of ours and stays in the log. Every message
 * passes here on its way in and out, and is held to its size (limits.ts).
 */
export const os = implement(contract)
  .$context<RpcContext>()
  .use(async ({ context, next, path }, input) => {
    const call = path.join('.');
    const doing = during(call);
    let leave = () => undefined as void;
    try {
      leave = context.calls.enter();
      assertWithin(call, 'asked', input);
      const result = await (READS.has(call) ? context.services.registry.read(async () => next()) : next());
      if (isStream(result.output)) return { ...result, output: mapped(call, result.output, context, leave) as typeof result.output };
      assertWithin(call, 'answered', result.output);
      leave();
      return result;
    } catch (error) {
      leave();
      throw travelling(error, context);
    } finally {
      doing();
    }
  });

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

async function* mapped(call: string, stream: AsyncIterable<unknown>, context: RpcContext, leave: () => void): AsyncGenerator<unknown, void, void> {
  try {
    for await (const message of stream) {
      assertWithin(call, 'answered', message);
      yield message;
    }
  } catch (error) {
    throw travelling(error, context);
  } finally {
    leave();
  }
}

function travelling(thrown: unknown, { services, logInternal }: RpcContext): unknown {
  const error = services.registry.inWords(thrown);
  if (error instanceof AppError) {
    const fields = boundedFields(error.toFields());
    return new ORPCError('APP_ERROR', { status: 422, message: fields.message, data: fields, defined: true });
  }
  if (error instanceof ORPCError) return error;
  const logId = randomUUID();
  logInternal(logId, error);
  return new ORPCError('INTERNAL', { status: 500, message: 'Something went wrong inside Tunesmith.', data: { logId }, defined: true });
}
