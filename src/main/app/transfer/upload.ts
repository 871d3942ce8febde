import { statfs } from 'node:fs/promises';
import { AppError } from '../../../shared/lib/app-error.ts';
import { pageHeaders } from '../page-headers.ts';
import type { TransferContext } from './answer-transfer.ts';

const GIB = 1024 ** 3;
const MAX_BYTES = 64 * GIB;
/** Stays free on the disk, for what is being trained meanwhile. */
const RESERVE = GIB / 4;
/** Bytes between two looks at the room. */
const CHECKED = 32 * 1024 * 1024;

/** POST, a file as the body, its name as `?name=`: into the data folder, chunk by chunk. */
export async function answerUpload({ services, dataFolder }: TransferContext, request: Request): Promise<Response> {
  if (request.method !== 'POST') throw new AppError({ code: 'TRANSFER-METHOD', message: 'Files are sent by POST.' });
  const name = fileNameIn(new URL(request.url).searchParams.get('name'));
  const announced = Number(request.headers.get('content-length') ?? 0);
  await checkRoom(dataFolder, announced);
  const upload = await services.datasets.receive(name, limited(request, dataFolder), request.signal);
  return Response.json(upload, { headers: pageHeaders('') });
}

/** A bare file name: it is shown and its ending is read, but it never becomes part of a path by way of this. */
function fileNameIn(name: string | null): string {
  // Control characters, separators of any system, and the names of folders.
  if (name !== null && name.length > 0 && name.length <= 255 && !/[/\\:\p{Cc}]/u.test(name) && name !== '.' && name !== '..') return name;
  throw new AppError({
    code: 'UPLOAD-NAME',
    message: 'The file cannot be taken: its name is missing, too long, or has characters that no file name has.',
    remedy: 'Rename the file, then send it again.',
  });
}

async function checkRoom(dataFolder: string, bytes: number): Promise<void> {
  if (bytes > MAX_BYTES) throw tooLarge();
  const { bavail, bsize } = await statfs(dataFolder);
  if (bytes + RESERVE <= bavail * bsize) return;
  throw new AppError({
    code: 'DISK-FULL',
    message: `The file has ${bytes} bytes, and the disk of ${dataFolder} has ${bavail * bsize} left, of which ${RESERVE} are kept free.`,
    data: { bytes, free: bavail * bsize },
    remedy: 'Free some space, then send it again.',
  });
}

/** A sender that did not say how much it sends is held to the same room while it does. */
async function* limited({ body }: Request, dataFolder: string): AsyncGenerator<Uint8Array, void, void> {
  let [bytes, checked] = [0, 0];
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > MAX_BYTES) throw tooLarge();
    if (bytes - checked >= CHECKED) {
      checked = bytes;
      await checkRoom(dataFolder, 0);
    }
    yield chunk as Uint8Array;
  }
}

function tooLarge(): AppError {
  return new AppError({
    code: 'UPLOAD-TOO-LARGE',
    message: `The file is larger than ${MAX_BYTES / GIB} GiB.`,
    remedy: 'Split it, or open it by its path on this machine.',
  });
}
