import { AppError, type AppErrorFields, boundedFields } from '../../shared/lib/app-error.ts';

/**
 * Anything but an AppError is a bug of ours. What it says may be a native library's own words, which tell a person nothing: they travel
 * beside the message with their stack, so that the report is worth reading.
 */
export function describeFailure(error: unknown): AppErrorFields {
  if (error instanceof AppError) return boundedFields(error.toFields());
  const detail = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? detail) : detail;
  return boundedFields({
    code: 'INTERNAL',
    message: 'The engine failed by a mistake of its own.',
    data: { detail, stack },
    remedy: 'Please report this with the log of the run.',
  });
}
