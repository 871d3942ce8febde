/** @file `protocol` and the one session: a request of the page ends in a handler only where its scheme was declared as Electron needs it. */
import { standInApp } from './app.ts';
import { checkOptions, preventable, strict, StrictEmitter } from './strict.ts';

type AskPermission = (contents: unknown, permission: string, decide: (granted: boolean) => void, details: unknown) => void;
type Handler = (request: Request) => Promise<Response> | Response;
interface Scheme {
  readonly scheme: string;
  readonly privileges?: { readonly standard?: boolean; readonly secure?: boolean; readonly supportFetchAPI?: boolean; readonly stream?: boolean };
}

let schemes: readonly Scheme[] | null = null;
const handlers = new Map<string, Handler>();

export const protocol = strict('Protocol', {
  registerSchemesAsPrivileged(declared: readonly Scheme[]): void {
    standInApp.beforeReady('protocol.registerSchemesAsPrivileged');
    if (schemes !== null) throw new Error('protocol.registerSchemesAsPrivileged can be called once.');
    for (const each of declared) {
      checkOptions('CustomScheme', each);
      checkOptions('Privileges', each.privileges ?? {});
    }
    schemes = declared;
  },
  handle(scheme: string, handler: Handler): void {
    standInApp.afterReady('protocol.handle');
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    handlers.set(scheme, handler);
  },
});

/** What the network of Electron would do with a request of a page. */
export async function requestOf(url: string, init: RequestInit = {}, byFetch = false): Promise<Response> {
  const scheme = new URL(url).protocol.slice(0, -1);
  const handler = handlers.get(scheme);
  if (handler === undefined) throw new Error(`ERR_UNKNOWN_URL_SCHEME (-302) loading '${url}'`);
  const privileges = schemes?.find((each) => each.scheme === scheme)?.privileges ?? {};
  // Without these a page has no origin, no storage, and no relative addresses.
  if (privileges.standard !== true || privileges.secure !== true) throw new Error(`${scheme}: is not declared as a standard and secure scheme.`);
  if (byFetch && privileges.supportFetchAPI !== true) throw new TypeError('Failed to fetch');
  const answer = await handler(new Request(url, init));
  if (!(answer instanceof Response)) throw new Error('ERR_UNEXPECTED (-9): the handler gave no Response.');
  return answer;
}

class StandInSession extends StrictEmitter {
  #ask: AskPermission | null = null;
  #check: ((contents: unknown, permission: string) => boolean) | null = null;
  #device: ((details: unknown) => boolean) | null = null;

  constructor() {
    super('Session');
  }

  setPermissionRequestHandler(handler: AskPermission): void {
    this.#ask = handler;
  }

  setPermissionCheckHandler(handler: (contents: unknown, permission: string) => boolean): void {
    this.#check = handler;
  }

  setDevicePermissionHandler(handler: (details: unknown) => boolean): void {
    this.#device = handler;
  }

  /** Electron grants what nobody was asked about. */
  async askPermission(
    contents: unknown,
    permission: string,
  ): Promise<{ readonly requested: boolean; readonly checked: boolean; readonly device: boolean }> {
    const requested = this.#ask === null ? true : await new Promise<boolean>((resolve) => this.#ask!(contents, permission, resolve, {}));
    return { requested, checked: this.#check?.(contents, permission) ?? true, device: this.#device?.({ deviceType: 'usb' }) ?? true };
  }

  /** Whether a download that a page begins is kept. */
  downloads(contents: unknown, chain: readonly string[]): boolean {
    const event = preventable({});
    this.tell(
      'will-download',
      event,
      strict('DownloadItem', { getURL: () => chain.at(-1), getURLChain: () => [...chain], getFilename: () => 'file' }),
      contents,
    );
    return !event.defaultPrevented;
  }
}

export const standInSession = new StandInSession();
const defaultSession = strict('Session', standInSession);

export const session = strict('Session', {
  get defaultSession() {
    standInApp.afterReady('session.defaultSession');
    return defaultSession;
  },
});
