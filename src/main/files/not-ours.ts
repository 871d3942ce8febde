import { AppError } from '../../shared/lib/app-error.ts';

const REMEDY = 'Somebody else may have laid it there. Look where it leads; remove it, or put a plain file or folder in its place.';

/** A link where a file or folder of ours has to be: what we write would end elsewhere. */
export function linkError(path: string, cause?: unknown): AppError {
  return notOurs(path, 'a link, and a link in the place of a file or folder of ours is not followed', cause);
}

export function oddFileError(path: string): AppError {
  return notOurs(path, 'not the plain file or folder that belongs there');
}

/** A hard link: another name of the same bytes, perhaps of a file of somebody's that was never ours. */
export function sharedFileError(path: string, names: number): AppError {
  return notOurs(path, `a file that has ${names} names (hard links), so that what is written to it would show elsewhere`);
}

function notOurs(path: string, what: string, cause?: unknown): AppError {
  return new AppError({ code: 'NOT-OURS', message: `${path} is ${what}.`, data: { path }, remedy: REMEDY }, cause);
}
