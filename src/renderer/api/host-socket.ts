import { WebSocket } from 'partysocket';
import { KNOWN_PATH, socketProtocols } from '../../shared/domain/browser-entry.ts';
import { connectionIs, connectionNow, hostIsSilent } from './connection.ts';
import { startHeartbeat } from './heartbeat.ts';
import { keyHeaders, sessionKey } from './session-key.ts';

const MAX_DELAY = 3000;
const BEAT = 5000;
/** A machine that trains may be slow to answer; one that is frozen is slower. */
const PATIENCE = 10_000;

/** A socket to the browser host that opens itself again; the connection's state follows it. */
export function connectSocket(): WebSocket {
  const url = new URL('/rpc', location.href);
  url.protocol = 'ws:';
  url.hash = '';
  url.search = '';
  // What was asked before a break has failed; sending it afterwards would do it unasked.
  const socket = new WebSocket(url.href, async () => socketProtocols(await sessionKey()), {
    minReconnectionDelay: 300,
    maxReconnectionDelay: MAX_DELAY,
    maxEnqueuedMessages: 0,
  });
  socket.addEventListener('open', () => connectionIs('open'));
  socket.addEventListener('close', () => {
    connectionIs('lost', connectionNow().refused);
    void wasRefused().then((refused) => socket.readyState !== socket.OPEN && connectionIs('lost', refused));
  });
  startHeartbeat({
    ask: (signal) => (connectionNow().state === 'open' ? askKnown(signal) : Promise.resolve()),
    every: BEAT,
    patience: PATIENCE,
    onSilence: hostIsSilent,
  });
  return socket;
}

/** A refused upgrade looks to a page like a host that is away; a plain request can tell them apart. */
async function wasRefused(): Promise<boolean> {
  try {
    return (await askKnown()).status === 401;
  } catch {
    // Nobody answers: the host is away.
    return false;
  }
}

async function askKnown(signal?: AbortSignal): Promise<Response> {
  return fetch(KNOWN_PATH, { cache: 'no-store', headers: await keyHeaders(), ...(signal === undefined ? {} : { signal }) });
}
