/** @file Who may come in: entry codes for the key of this start, and with the key tickets for downloads. All of it dies with the host. */
import type { IncomingMessage } from 'node:http';
import { ENTER_PATH, KEY_HEADER, keyInProtocols, KNOWN_PATH, TICKET_PARAMETER, TICKET_PATH } from '../../../shared/domain/browser-entry.ts';
import { refusal } from '../page-files.ts';
import { OneTimeSecrets } from './one-time-secrets.ts';
import { SessionKey } from './session-key.ts';

/** A code and a download's path are far below this. */
const MAX_BODY = 1024;

export class EntryDoor {
  readonly #key = new SessionKey();
  readonly #codes = new OneTimeSecrets<() => void>();
  readonly #tickets = new OneTimeSecrets<string>();

  /** A code that opens the door once; `onUse` is told when it did. */
  newCode(onUse: () => void = () => undefined): string {
    return this.#codes.issue(onUse);
  }

  /** The answer to a request that is about the door itself; null for any other. */
  async answer(request: Request): Promise<Response | null> {
    const { pathname } = new URL(request.url);
    if (pathname === KNOWN_PATH && request.method === 'GET') return refusal(this.#hasKey(request) ? 204 : 401, null);
    if (request.method !== 'POST') return null;
    if (pathname === ENTER_PATH) return this.#enter(await shortBody(request));
    if (pathname === TICKET_PATH) return this.#hasKey(request) ? this.#ticketFor(await shortBody(request)) : null;
    return null;
  }

  /** Whether a request carries the key, or a ticket for just this download. */
  lets(request: Request): boolean {
    if (this.#hasKey(request)) return true;
    const { pathname, searchParams } = new URL(request.url);
    return request.method === 'GET' && this.#tickets.redeem(searchParams.get(TICKET_PARAMETER) ?? '') === pathname;
  }

  letsSocket({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
    return this.#key.matches(keyInProtocols(headers['sec-websocket-protocol']));
  }

  #hasKey(request: Request): boolean {
    return this.#key.matches(request.headers.get(KEY_HEADER));
  }

  #enter(code: string | null): Response {
    const onUse = code === null ? undefined : this.#codes.redeem(code);
    if (onUse === undefined) return refusal(401, 'This code was used, or is of another start.\n');
    onUse();
    return secretAnswer(this.#key.value);
  }

  #ticketFor(path: string | null): Response {
    if (path === null || !path.startsWith('/')) return refusal(400, 'This is no path of a download.\n');
    return secretAnswer(`${path}?${TICKET_PARAMETER}=${this.#tickets.issue(path)}`);
  }
}

function secretAnswer(text: string): Response {
  const answer = refusal(200, text);
  answer.headers.set('cache-control', 'no-store');
  return answer;
}

/** Null where it is longer than anything of ours. */
async function shortBody({ body }: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_BODY) return null;
  }
  return text;
}
