import { AppError } from './app-error.ts';

/** An error of the file system in words (DISK-FULL, FILE-DENIED, FILE-WRITE); an AppError passes unchanged. */
export function writeError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const errno = errnoOf(error);
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new AppError(
      {
        code: 'DISK-FULL',
        message: `The disk is full: could not write ${path}. What was saved there before is unchanged.`,
        data: { path },
        remedy: 'Free some space, or choose a folder on another disk, then try again.',
      },
      error,
    );
  }
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    return new AppError(
      {
        code: 'FILE-DENIED',
        message: `Not allowed to write ${path} (${errno}).`,
        data: { path },
        remedy: 'Choose a folder you may write to.',
      },
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = 'Check that the folder exists, is writable and on an attached disk.';
  return new AppError({ code: 'FILE-WRITE', message: `Could not write ${path}: ${reason}`, data: { path }, remedy }, error);
}

/** The `code` of a Node file error (`ENOENT`, ...), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
