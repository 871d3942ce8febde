/**
 * @file Files to and from the page, over plain requests: they are too large for messages. Both hosts pass on what their own
 * page asks; who may ask is their affair.
 */
import { randomUUID } from 'node:crypto';
import { UPLOAD_PATH } from '../../../shared/domain/upload.ts';
import { AppError, type AppErrorFields } from '../../../shared/lib/app-error.ts';
import type { Services } from '../../services/services.ts';
import { pageHeaders } from '../page-headers.ts';
import { answerDownload, DOWNLOAD_PREFIX } from './download.ts';
import { answerUpload } from './upload.ts';

export interface TransferContext {
  readonly services: Services;
  /** Folder that uploads end in, to know the room there. */
  readonly dataFolder: string;
  readonly logInternal: (logId: string, error: unknown) => void;
}

/** Whether a path of the page is an upload or a download, and no file of its own. */
export function isTransfer(pathname: string): boolean {
  return routeOf(pathname) !== null;
}

/** The answer to an upload or a download, errors as JSON of `AppErrorFields`; null where the request is neither. */
export async function answerTransfer(context: TransferContext, request: Request): Promise<Response | null> {
  const route = routeOf(new URL(request.url).pathname);
  if (route === null) return null;
  try {
    return await route(context, request);
  } catch (error) {
    if (error instanceof AppError) return failure(STATUS[error.code] ?? 422, error.toFields());
    const logId = randomUUID();
    // A sender that broke off is no bug, and nobody waits for the answer.
    if (!request.signal.aborted) context.logInternal(logId, error);
    return failure(500, { code: 'INTERNAL', message: 'Something went wrong inside Tunesmith.', data: { logId } });
  }
}

function routeOf(pathname: string): ((context: TransferContext, request: Request) => Promise<Response>) | null {
  return pathname === UPLOAD_PATH ? answerUpload : pathname.startsWith(DOWNLOAD_PREFIX) ? answerDownload : null;
}

const STATUS: Readonly<Record<string, number>> = {
  'TRANSFER-METHOD': 405,
  'UPLOAD-NAME': 400,
  'UPLOAD-TOO-LARGE': 413,
  'DOWNLOAD-PATH': 404,
  'RUN-UNKNOWN': 404,
  'VERSION-UNKNOWN': 404,
  'ADAPTER-NONE': 404,
};

function failure(status: number, error: AppErrorFields): Response {
  return Response.json(error, { status, headers: pageHeaders('') });
}
