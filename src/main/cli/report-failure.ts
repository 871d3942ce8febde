import { AppError, type AppErrorFields } from '../../shared/lib/app-error.ts';
import type { Terminal } from './terminal/terminal.ts';

/**
 * Says on stderr what happened and what to do. @param json also gets the `failed` line, unless null
 */
export function reportFailure(error: unknown, json: Terminal | null): void {
  const { code, message, data, remedy } = fieldsOf(error);
  json?.event({ kind: 'failed', error: { code, message, data, remedy } });
  process.stderr.write(`${message}\n${remedy === undefined ? '' : `${remedy}\n`}`);
  if (code === 'INTERNAL' && typeof data?.['stack'] === 'string') process.stderr.write(`${data['stack']}\n`);
}

function fieldsOf(error: unknown): AppErrorFields {
  if (error instanceof AppError) return error.toFields();
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    code: 'INTERNAL',
    message: `Tunesmith failed: ${error instanceof Error ? error.message : String(error)}`,
    data: { stack },
    remedy: 'This is a mistake of ours; please report it with what follows.',
  };
}
