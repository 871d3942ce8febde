import type { IncomingMessage } from 'node:http';

/** The names a browser on this machine may know us by. Any other Host header comes from a name that somebody pointed here (DNS rebinding). */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** Whether the page that sent a request is ours; what changes something or opens a socket must say so. */
export function isOwnOrigin({ headers }: Pick<IncomingMessage, 'headers'>, port: number): boolean {
  return isOwnHost(headers.host, port) && headers.origin === `http://${headers.host}`;
}

/** Browsers tell where a request comes from; another page must not even embed our files. A link that a person follows may lead here. */
export function isFromElsewhere({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none' && headers['sec-fetch-mode'] !== 'navigate';
}
