import { RPCHandler } from '@orpc/server/message-port';
import type { RpcContext } from '../../rpc/implementer.ts';
import { OpenCalls } from '../../rpc/open-calls.ts';
import { router } from '../../rpc/router.ts';
import { isRpcMessage } from '../message-door.ts';

/** What is used of Electron's MessagePortMain. */
export interface HostPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

const handler = new RPCHandler(router);

/** The router over a page's port, until the page goes. A port that breaks the protocol is closed, and nothing else happens. */
export function serveRpcPort(port: HostPort, context: Omit<RpcContext, 'calls'>): void {
  handler.upgrade(
    {
      postMessage: (message: unknown) => port.postMessage(message),
      onMessage: {
        addListener: (listener) =>
          void port.on('message', ({ data }) => {
            if (typeof data === 'string' && isRpcMessage(data)) listener(data);
            else port.close();
          }),
      },
      onDisconnect: { addListener: (listener) => void port.on('close', () => listener()) },
    } as Parameters<typeof handler.upgrade>[0],
    { context: { ...context, calls: new OpenCalls() } },
  );
  port.start();
}
