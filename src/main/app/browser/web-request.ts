/** @file Between Node's requests and those of the web platform, which both hosts' routes are written for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** A request whose signal is aborted when its sender goes away. Null where its address is none of ours. */
export function webRequest(request: IncomingMessage, response: ServerResponse, origin: string): Request | null {
  const target = request.url ?? '';
  if (!target.startsWith('/') || !URL.canParse(target, origin)) return null;
  const url = new URL(target, origin);
  if (url.origin !== origin) return null;
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('The sender went away.'));
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
  const method = request.method ?? 'GET';
  if (method === 'TRACE' || method === 'CONNECT' || method === 'TRACK') return null;
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers, signal: gone.signal });
  return new Request(url, { method, headers, signal: gone.signal, body: Readable.toWeb(request), duplex: 'half' } as RequestInit);
}

/** Writes an answer as it comes; a receiver that goes away ends it. */
export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
}
