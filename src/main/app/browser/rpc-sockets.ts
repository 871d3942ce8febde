import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { SOCKET_PROTOCOL } from '../../../shared/domain/browser-entry.ts';
import type { RpcContext } from '../../rpc/implementer.ts';
import { OpenCalls } from '../../rpc/open-calls.ts';
import { router } from '../../rpc/router.ts';
import { isRpcMessage } from '../message-door.ts';

/** A recipe or an edited row is far below this. */
const MAX_MESSAGE = 8 * 1024 * 1024;
const MAX_SOCKETS = 32;
/** Bytes that a socket's page may leave unread before it counts as gone: a stream must not fill our memory. */
const MAX_UNREAD = 64 * 1024 * 1024;
/** Milliseconds between two questions whether a socket still lives. */
const PING = 30_000;

/** The router over WebSockets. A socket that breaks the protocol is closed, and nothing else happens. */
export class RpcSockets {
  readonly #context: Omit<RpcContext, 'calls'>;
  readonly #handler = new RPCHandler(router);
  // What is answered is the protocol's name alone, never the key that came beside it.
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(SOCKET_PROTOCOL) && SOCKET_PROTOCOL,
  });
  readonly #silent = new WeakSet<WebSocket>();
  readonly #pings: NodeJS.Timeout;

  constructor(context: Omit<RpcContext, 'calls'>) {
    this.#context = context;
    this.#pings = setInterval(() => this.#ping(), PING).unref();
  }

  get full(): boolean {
    return this.#server.clients.size >= MAX_SOCKETS;
  }

  /** Takes over an upgrade that was found to be from our own page. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#serve(socket));
  }

  close(): void {
    clearInterval(this.#pings);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #serve(socket: WebSocket): void {
    // A broken frame or an oversized message: `ws` closes the socket by itself.
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => this.#silent.delete(socket));
    void this.#handler.upgrade(
      {
        send: (message) => {
          if (socket.bufferedAmount > MAX_UNREAD) socket.terminate();
          else if (socket.readyState === socket.OPEN) socket.send(message as string);
        },
        addEventListener: (type, listener) => {
          if (type === 'close') socket.on('close', () => void (listener as () => void)());
          else
            socket.on('message', (data, isBinary) => this.#receive(socket, data, isBinary, listener as (event: { readonly data: string }) => void));
        },
      } as Parameters<RPCHandler<RpcContext>['upgrade']>[0],
      { context: { ...this.#context, calls: new OpenCalls() } },
    );
  }

  #receive(socket: WebSocket, data: unknown, isBinary: boolean, listener: (event: { readonly data: string }) => void): void {
    const text = isBinary || !Buffer.isBuffer(data) ? null : data.toString('utf8');
    if (text === null || !isRpcMessage(text)) socket.close(1007, 'This is no message of Tunesmith.');
    else listener({ data: text });
  }

  #ping(): void {
    for (const socket of this.#server.clients) {
      if (this.#silent.has(socket)) {
        socket.terminate();
        continue;
      }
      this.#silent.add(socket);
      socket.ping();
    }
  }
}
