/**
 * @file How the page of the browser host shows that it is the person's own. The address that is opened carries a code that works
 * once (`?code=`); the page exchanges it for the key of this start, and keeps that where only pages of this very port can read it.
 * Cookies would not do: they have no port, so another server on this machine would be sent them.
 */

/** POST, the code as the body; the answer is the key, or 401. */
export const ENTER_PATH = '/enter';
/** POST with the key, a download's path as the body; the answer is the path with a ticket that works once. A link cannot carry a header. */
export const TICKET_PATH = '/ticket';
/** GET with the key: 204, or 401 where the host was started anew. */
export const KNOWN_PATH = '/known';
export const KEY_HEADER = 'x-tunesmith-key';
export const CODE_PARAMETER = 'code';
export const TICKET_PARAMETER = 'ticket';

/** What the socket speaks, and how it carries the key: a page can set no headers there, and addresses end up in logs. */
export const SOCKET_PROTOCOL = 'tunesmith';
const KEY_PROTOCOL = 'key.';

export function socketProtocols(key: string | null): string[] {
  return key === null ? [SOCKET_PROTOCOL] : [SOCKET_PROTOCOL, `${KEY_PROTOCOL}${key}`];
}

/** The key in a Sec-WebSocket-Protocol header; null where there is none. */
export function keyInProtocols(header: string | undefined): string | null {
  const found = (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .find((each) => each.startsWith(KEY_PROTOCOL));
  return found === undefined ? null : found.slice(KEY_PROTOCOL.length);
}
