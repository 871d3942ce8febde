/**
 * @file The studio as a page on loopback. Whoever wants anything but the way in has to come from this machine's own page: the
 * Host header names us, a cookie carries the token of this start, and what changes something comes from our own origin.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Services } from '../../services/services.ts';
import { answerPageRequest, refusal } from '../page-files.ts';
import { pageHeaders } from '../page-headers.ts';
import { answerTransfer } from '../transfer/answer-transfer.ts';
import { isFromElsewhere, isOwnHost, isOwnOrigin } from './own-address.ts';
import { RpcSockets } from './rpc-sockets.ts';
import { SessionToken } from './session-token.ts';
import { sendResponse, webRequest } from './web-request.ts';

export interface BrowserHostOptions {
  readonly services: Services;
  /** Folder that uploads end in. */
  readonly dataFolder: string;
  /** Folder of the built page. */
  readonly page: string;
  /** Null takes the usual one, or a free one where that is taken; 0 a free one. */
  readonly port: number | null;
  readonly logInternal: (logId: string, error: unknown) => void;
}

export interface BrowserHost {
  /** To be opened by the person: carries the token. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
export const USUAL_PORT = 4173;
const ASK_TERMINAL = 'This page belongs to a Tunesmith that runs on this machine. Open the address that it printed in the terminal: it ends in ?token=... and is new with each start.\n';

/** @throws an error of the system where a port that was asked for cannot be had */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 0 });
  server.maxConnections = 256;
  const port = await listen(server, options.port);
  const host = new Host(options, port);
  server.on('request', (request, response) => void host.answer(request, response));
  server.on('upgrade', (request, stream, head) => host.upgrade(request, stream, head));
  return {
    url: `http://${LOOPBACK}:${port}/?token=${host.token.value}`,
    port,
    close: () => new Promise((resolve) => {
      host.sockets.close();
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function listen(server: Server, wanted: number | null): Promise<number> {
  try {
    await listenOn(server, wanted ?? USUAL_PORT);
  } catch (error) {
    if (wanted !== null || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await listenOn(server, 0);
  }
  return (server.address() as AddressInfo).port;
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

class Host {
  readonly token = new SessionToken();
  readonly sockets: RpcSockets;
  readonly #options: BrowserHostOptions;
  readonly #port: number;

  constructor(options: BrowserHostOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.sockets = new RpcSockets({ services: options.services, logInternal: options.logInternal });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answerTo(request, response);
      // What is still on its way of a refused body would be taken for the next request.
      if (!request.complete) response.setHeader('connection', 'close');
      await sendResponse(answer, response);
    } catch (error) {
      // Also a receiver that went away in the middle; then nobody is left to tell.
      if (!response.destroyed) this.#options.logInternal('answer', error);
      if (!response.headersSent) response.writeHead(500, pageHeaders(''));
      response.end();
    }
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    const status = this.#statusOfUpgrade(request);
    if (status === null) {
      this.sockets.accept(request, stream, head);
      return;
    }
    stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** Why an upgrade is refused, as a status line; null where it is not. */
  #statusOfUpgrade(request: IncomingMessage): string | null {
    if (!isOwnHost(request.headers.host, this.#port) || !isOwnOrigin(request, this.#port)) return '403 Forbidden';
    if (!this.token.isIn(request.headers.cookie, this.#port)) return '401 Unauthorized';
    if (request.url !== '/rpc') return '404 Not Found';
    return this.sockets.full ? '503 Service Unavailable' : null;
  }

  async #answerTo(request: IncomingMessage, response: ServerResponse): Promise<Response> {
    if (!isOwnHost(request.headers.host, this.#port) || isFromElsewhere(request)) return refusal(403, 'This address is not for you.\n');
    const web = webRequest(request, response, `http://${request.headers.host}`);
    if (web === null) return refusal(400, 'This is no request of the page.\n');
    const { pathname, searchParams } = new URL(web.url);
    if (pathname === '/' && web.method === 'GET' && this.token.matches(searchParams.get('token'))) return this.#letIn();
    if (!this.token.isIn(request.headers.cookie, this.#port)) return refusal(401, ASK_TERMINAL);
    if (web.method !== 'GET' && !isOwnOrigin(request, this.#port)) return refusal(403, 'This comes from another page.\n');
    const { services, dataFolder, page, logInternal } = this.#options;
    return (await answerTransfer({ services, dataFolder, logInternal }, web)) ?? answerPageRequest(page, { method: web.method, pathname });
  }

  /** The token leaves the address bar and goes into a cookie. */
  #letIn(): Response {
    const answer = refusal(303, '');
    answer.headers.set('location', '/');
    answer.headers.set('set-cookie', this.token.cookie(this.#port));
    answer.headers.set('cache-control', 'no-store');
    return answer;
  }
}
