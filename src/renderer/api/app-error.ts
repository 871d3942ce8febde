import { ORPCError } from '@orpc/client';
import { appErrorFieldsSchema } from '../../shared/contract/procedure.ts';
import { AppError, type AppErrorFields } from '../../shared/lib/app-error.ts';

/** What any failed call has to say to a person. */
export function appErrorOf(error: unknown): AppErrorFields {
  if (error instanceof AppError) return error.toFields();
  if (error instanceof ORPCError) {
    const fields = appErrorFieldsSchema.safeParse(error.data);
    if (error.code === 'APP_ERROR' && fields.success) return fields.data;
    return { code: String(error.code), message: error.message, data: error.data as Record<string, unknown> | undefined };
  }
  // Whatever the host answers is an ORPCError: this did not reach it, or its answer did not reach us.
  return { code: 'CONNECTION', message: error instanceof Error ? error.message : String(error) };
}
