import { AppError } from '../../shared/lib/app-error.ts';

/** Stands where a service is being written; must be gone before the issue is resolved. */
export function notBuilt(what: string, ..._parts: readonly unknown[]): never {
  throw new AppError({ code: 'NOT-BUILT', message: `${what} is not built yet.` });
}
