import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { WebSocket } from 'partysocket';
import type { StudioClient } from '../../shared/contract/index.ts';

const url = new URL('/rpc', location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';
url.search = '';

export const socket = new WebSocket(url.href);

/** The studio's host, by contract. */
export const client: StudioClient = createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
/** The same for React Query: `api.models.list.queryOptions()`. */
export const api = createTanstackQueryUtils(client);
