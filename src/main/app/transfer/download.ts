import { Readable } from 'node:stream';
import { outcomeDownloadPath, datasetDownloadPath } from '../../../shared/domain/upload.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { pageHeaders } from '../page-headers.ts';
import { streamTask } from '../../worker-host/workers.ts';
import type { TransferContext } from './answer-transfer.ts';
import { attachment } from './attachment.ts';

export const DOWNLOAD_PREFIX = '/download/';

interface Download {
  readonly type: string;
  readonly disposition: string;
  readonly body: AsyncIterable<Uint8Array>;
}

/** What can be fetched. An id is letters, digits and dashes: never part of a path, whatever it is decoded to. */
const DOWNLOADS: readonly {
  readonly path: RegExp;
  readonly open: (context: TransferContext, match: readonly string[], pathname: string, signal: AbortSignal) => Promise<Download | null>;
}[] = [
  { path: /^\/download\/runs\/([A-Za-z0-9_-]{1,64})\/(?:outcome|checkpoint-(\d{1,12}))\.zip$/, open: openOutcome },
  { path: /^\/download\/datasets\/([A-Za-z0-9_-]{1,64})\/rows\.jsonl$/, open: openRows },
];

/** GET: a file that the page lets a person keep. */
export async function answerDownload(context: TransferContext, request: Request): Promise<Response> {
  if (request.method !== 'GET') throw new AppError({ code: 'TRANSFER-METHOD', message: 'Files are fetched by GET.' });
  const { pathname } = new URL(request.url);
  for (const { path, open } of DOWNLOADS) {
    const match = path.exec(pathname);
    const download = match === null ? null : await open(context, match, pathname, request.signal);
    if (download !== null) return streamed({ ...download, body: await begun(download.body) });
  }
  throw new AppError({ code: 'DOWNLOAD-PATH', message: 'There is nothing to download at this address.' });
}

function streamed({ type, disposition, body }: Download): Response {
  return new Response(Readable.toWeb(Readable.from(body)) as ReadableStream<Uint8Array>, {
    headers: { ...pageHeaders(''), 'content-type': type, 'content-disposition': disposition, 'cache-control': 'no-store' },
  });
}

/** Waits for the first chunk, so that what cannot be read is said rather than broken off. */
async function begun(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
      } finally {
        await chunks.return?.();
      }
    },
  };
}

/** What a run yields, or a checkpoint of it, as a zip of the files that PEFT or transformers reads. */
async function openOutcome({ services }: TransferContext, match: readonly string[], pathname: string, signal: AbortSignal): Promise<Download | null> {
  const [id, step] = [match[1]!, match[2] === undefined ? null : Number(match[2])];
  if (outcomeDownloadPath(id, step) !== pathname) return null;
  const { name } = services.runs.get(id);
  const outcome = await services.runs.outcome(id, step);
  const body = streamTask('outcome-zip', outcome, { about: name, signal });
  return { type: 'application/zip', disposition: attachment(name, id, step === null ? `-${outcome.kind}.zip` : `-checkpoint-${step}.zip`), body };
}

/** A version of a dataset, as JSONL. */
async function openRows({ services }: TransferContext, match: readonly string[], pathname: string, signal: AbortSignal): Promise<Download | null> {
  const id = match[1]!;
  if (datasetDownloadPath(id) !== pathname) return null;
  const { name, number, lines } = services.datasetVersions.exported(id, signal);
  return { type: 'application/jsonl; charset=utf-8', disposition: attachment(name, id, `-v${number}.jsonl`), body: lines };
}
