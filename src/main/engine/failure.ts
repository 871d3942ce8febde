import { AppError, type AppErrorFields, boundedFields } from '../../shared/lib/app-error.ts';

/** Anything but an AppError is a bug of ours and travels with its stack, so that the report is worth reading. */
export function describeFailure(error: unknown): AppErrorFields {
  if (error instanceof AppError) return boundedFields(error.toFields());
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return boundedFields({ code: 'INTERNAL', message: `The engine failed: ${error instanceof Error ? error.message : String(error)}`, data: { stack }, remedy: 'Please report this with the log of the run.' });
}
