import { createORPCClient, ORPCError } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import type { StudioClient } from '../../shared/contract/index.ts';
import type { AppErrorFields } from '../../shared/lib/app-error.ts';
import { connectPort, hostTakesPort } from './host-port.ts';
import { connectSocket } from './host-socket.ts';

const LOST: AppErrorFields = {
  code: 'CONNECTION',
  message: 'The connection to Tunesmith is lost.',
  remedy: 'Wait until it is back, then try again; runs go on meanwhile.',
};

interface Call {
  readonly next: () => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

/** What is neither an answer of the host nor the caller's own end is a break of the connection. */
async function namingBreaks({ next, signal }: Call): Promise<never> {
  try {
    return (await next()) as never;
  } catch (error) {
    if (error instanceof ORPCError || signal?.aborted) throw error;
    throw new ORPCError('APP_ERROR', { status: 422, message: LOST.message, data: LOST, defined: true, cause: error });
  }
}

const options = { interceptors: [namingBreaks] };
const link = hostTakesPort()
  ? new PortLink({ port: connectPort(), ...options })
  : new SocketLink({ websocket: connectSocket() as unknown as WebSocket, ...options });

/** The studio's host, by contract. */
export const client: StudioClient = createORPCClient(link);
/** The same for React Query: `api.models.list.queryOptions()`. */
export const api = createTanstackQueryUtils(client);
