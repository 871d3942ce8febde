import { z } from 'zod';
import { appErrorFieldsSchema } from '../../shared/contract/procedure.ts';
import { UPLOAD_PATH, type Upload } from '../../shared/domain/upload.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import { keyHeaders } from './session-key.ts';

const uploadSchema = z.object({ uploadId: z.string(), fileName: z.string(), bytes: z.number() });

/**
 * Sends a file to the host. `fetch` does not tell how much has left, so this is the older way.
 * @throws AppError what the host answered; CONNECTION where it did not
 */
export async function uploadFile(file: File, onProgress: (done: number, total: number) => void, signal: AbortSignal): Promise<Upload> {
  const headers = await keyHeaders();
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${UPLOAD_PATH}?name=${encodeURIComponent(file.name)}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress(loaded, file.size));
    request.addEventListener('load', () => {
      const upload = request.status === 200 ? uploadSchema.safeParse(parsed(request.responseText)) : null;
      if (upload?.success) resolve(upload.data);
      else reject(errorOf(request));
    });
    request.addEventListener('error', () => reject(new AppError({ code: 'CONNECTION', message: file.name })));
    request.addEventListener('abort', () => reject(signal.reason as Error));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function errorOf(request: XMLHttpRequest): AppError {
  const fields = appErrorFieldsSchema.safeParse(parsed(request.responseText));
  return new AppError(fields.success ? fields.data : { code: 'CONNECTION', message: `${request.status} ${request.statusText}` });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not of our host, or cut off: no answer.
    return null;
  }
}
