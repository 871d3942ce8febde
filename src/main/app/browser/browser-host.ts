/**
 * @file The studio as a page on loopback. The page's files are anybody's on this machine, for there is nothing in them; whatever
 * has data or does something wants the key of this start, a Host header that names us, and our own origin where it changes anything.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { CODE_PARAMETER } from '../../../shared/domain/browser-entry.ts';
import type { Services } from '../../services/services.ts';
import { answerPageRequest, refusal } from '../page-files.ts';
import { pageHeaders } from '../page-headers.ts';
import { answerTransfer, isTransfer } from '../transfer/answer-transfer.ts';
import { EntryDoor } from './entry-door.ts';
import { isFromElsewhere, isOwnHost, isOwnOrigin } from './own-address.ts';
import { RpcSockets } from './rpc-sockets.ts';
import { Strangers } from './strangers.ts';
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
  /** Told the address of each new code, for somebody who opens one more browser. */
  readonly onAddress?: (url: string) => void;
}

export interface BrowserHost {
  /** An address to be opened once, by the person: it carries a code. */
  newAddress(): string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
export const USUAL_PORT = 4173;
const ASK_TERMINAL =
  'This belongs to a Tunesmith that runs on this machine. Open the address that it printed last in the terminal: it ends in ?code=... and works once.\n';

/** @throws an error of the system where a port that was asked for cannot be had */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 0, connectionsCheckingInterval: 2000 });
  server.maxConnections = 256;
  const strangers = new Strangers();
  server.on('connection', (socket) => strangers.come(socket));
  const port = await listen(server, options.port);
  const host = new Host(options, port, strangers);
  host.announce();
  server.on('request', (request, response) => void host.answer(request, response));
  server.on('upgrade', (request, stream, head) => host.upgrade(request, stream, head));
  return {
    newAddress: () => host.newAddress(),
    port,
    close: () =>
      new Promise((resolve) => {
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
  readonly sockets: RpcSockets;
  readonly #options: BrowserHostOptions;
  readonly #port: number;
  readonly #door = new EntryDoor();
  readonly #strangers: Strangers;

  constructor(options: BrowserHostOptions, port: number, strangers: Strangers) {
    this.#strangers = strangers;
    this.#options = options;
    this.#port = port;
    this.sockets = new RpcSockets({ services: options.services, logInternal: options.logInternal });
  }

  /** Tells an address that can be opened, and the next one as soon as that is used up. */
  announce(): void {
    const { onAddress } = this.#options;
    onAddress?.(this.#addressOf(this.#door.newCode(() => this.announce())));
  }

  newAddress(): string {
    return this.#addressOf(this.#door.newCode());
  }

  #addressOf(code: string): string {
    return `http://${LOOPBACK}:${this.#port}/?${CODE_PARAMETER}=${code}`;
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
      this.#strangers.know(request.socket);
      this.sockets.accept(request, stream, head);
      return;
    }
    stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  /** Why an upgrade is refused, as a status line; null where it is not. */
  #statusOfUpgrade(request: IncomingMessage): string | null {
    if (!isOwnHost(request.headers.host, this.#port) || !isOwnOrigin(request, this.#port)) return '403 Forbidden';
    if (!this.#door.letsSocket(request)) return '401 Unauthorized';
    if (request.url !== '/rpc') return '404 Not Found';
    return this.sockets.full ? '503 Service Unavailable' : null;
  }

  async #answerTo(request: IncomingMessage, response: ServerResponse): Promise<Response> {
    if (!isOwnHost(request.headers.host, this.#port) || isFromElsewhere(request)) return refusal(403, 'This address is not for you.\n');
    const web = webRequest(request, response, `http://${request.headers.host}`);
    if (web === null) return refusal(400, 'This is no request of the page.\n');
    const { pathname } = new URL(web.url);
    if (web.method !== 'GET' && !isOwnOrigin(request, this.#port)) return refusal(403, 'This comes from another page.\n');
    const entry = await this.#door.answer(web);
    if (entry !== null) return entry;
    const { services, dataFolder, page, logInternal } = this.#options;
    if (web.method === 'GET' && !isTransfer(pathname)) return answerPageRequest(page, { method: web.method, pathname });
    if (!this.#door.lets(web)) return refusal(401, ASK_TERMINAL);
    this.#strangers.know(request.socket);
    return (await answerTransfer({ services, dataFolder, logInternal }, web)) ?? refusal(405, 'Only GET is answered here.\n');
  }
}
