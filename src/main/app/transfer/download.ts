import { Readable } from 'node:stream';
import { adapterDownloadPath } from '../../../shared/domain/upload.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { pageHeaders } from '../page-headers.ts';
import { zipOfAdapter } from './adapter-zip.ts';
import type { TransferContext } from './answer-transfer.ts';
import { attachment } from './attachment.ts';

export const DOWNLOAD_PREFIX = '/download/';
/** An id is letters, digits and dashes: never part of a path, whatever it is decoded to. */
const PATH = /^\/download\/runs\/([A-Za-z0-9_-]{1,64})\/(?:adapter|checkpoint-(\d{1,12}))\.zip$/;

/** GET: a run's adapter, or that of a checkpoint, as a zip of its PEFT files. */
export async function answerAdapter({ services }: TransferContext, request: Request): Promise<Response> {
  if (request.method !== 'GET') throw new AppError({ code: 'TRANSFER-METHOD', message: 'Adapters are fetched by GET.' });
  const { pathname } = new URL(request.url);
  const [, id, digits] = PATH.exec(pathname) ?? [];
  const step = digits === undefined ? null : Number(digits);
  if (id === undefined || adapterDownloadPath(id, step) !== pathname) throw new AppError({ code: 'DOWNLOAD-PATH', message: 'There is nothing to download at this address.' });
  const { name } = services.runs.get(id);
  const zip = await zipOfAdapter(await services.runs.adapterFolder(id, step), request.signal);
  return new Response(Readable.toWeb(Readable.from(zip)) as ReadableStream<Uint8Array>, {
    headers: { ...pageHeaders(''), 'content-type': 'application/zip', 'content-disposition': attachment(name, id, step === null ? '-adapter.zip' : `-checkpoint-${step}.zip`), 'cache-control': 'no-store' },
  });
}
