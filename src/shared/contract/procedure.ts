import { oc } from '@orpc/contract';
import { z } from 'zod';

/** `AppErrorFields`, as it travels. */
export const appErrorFieldsSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  remedy: z.string().optional(),
});

/**
 * What every procedure is made from. Two declared errors: `APP_ERROR`, something a person can understand and mend; and
 * `INTERNAL`, a bug of ours, whose text stays in the host's log under `logId`.
 */
export const procedure = oc.errors({
  APP_ERROR: { status: 422, data: appErrorFieldsSchema },
  INTERNAL: { status: 500, data: z.object({ logId: z.string() }) },
});

export const idSchema = z.string().min(1).max(64);
export const byId = z.object({ id: idSchema });
/** Text that a person gives something as a name. */
export const nameSchema = z.string().trim().min(1).max(200);
