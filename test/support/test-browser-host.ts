import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startBrowserHost, type BrowserHost } from '../../src/main/app/browser/browser-host.ts';
import { dataFolder } from '../../src/main/app/paths.ts';
import type { Stall } from '../../src/main/services/machine/loop-watch.ts';
import { openStudio, type Studio } from '../../src/main/studio.ts';
import { ENTER_PATH, KEY_HEADER, socketProtocols } from '../../src/shared/domain/browser-entry.ts';
import type { StudioClient } from '../../src/shared/contract/index.ts';
import { breaksPromise } from './studio-host.ts';
import { testFolder } from './test-folder.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sends our key and, where the method changes something, our origin. */
  readonly as?: 'page' | 'stranger';
}

/** A real browser host on a free port, with a registry, a data folder and a page of its own; ends with the test. */
export class TestBrowserHost {
  readonly root: string;
  readonly studio: Studio;
  readonly logged: unknown[];
  readonly #host: BrowserHost;

  private constructor(root: string, studio: Studio, host: BrowserHost, logged: unknown[]) {
    this.root = root;
    this.studio = studio;
    this.#host = host;
    this.logged = logged;
  }

  static async start(onAddress: (url: string) => void = () => undefined): Promise<TestBrowserHost> {
    const root = await testFolder();
    const data = dataFolder(join(root, 'data'));
    const page = join(root, 'page');
    await writePage(root, page);
    const studio = openStudio(data, 'browser');
    const logged: unknown[] = [];
    const stalls: Stall[] = [];
    studio.loop!.tell((stall) => void (breaksPromise(stall) && stalls.push(stall)));
    const host = await startBrowserHost({
      services: studio.services,
      dataFolder: data.root,
      page,
      port: 0,
      logInternal: (_id, error) => logged.push(error),
      onAddress,
    });
    onTestFinished(async () => {
      await host.close();
      await studio.close();
      // The test's own turns count too, for it shares the host's loop.
      if (stalls.length > 0) throw new Error(`The loop stood still: ${JSON.stringify(stalls)}`);
    });
    return new TestBrowserHost(root, studio, host, logged);
  }

  /** An address that opens the studio once. */
  newAddress(): string {
    return this.#host.newAddress();
  }

  get port(): number {
    return this.#host.port;
  }

  newCode(): string {
    return new URL(this.newAddress()).searchParams.get('code')!;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the page keeps after it came in. */
  async key(): Promise<string> {
    const answer = await this.request(ENTER_PATH, { as: 'stranger', method: 'POST', headers: { origin: this.origin }, body: this.newCode() });
    return answer.body.toString('utf8');
  }

  /** The path goes out as it is written: no client of ours makes it harmless first. */
  async request(path: string, { method = 'GET', headers = {}, body, as = 'page' }: RequestOptions = {}): Promise<Answer> {
    const own = as === 'page' ? { [KEY_HEADER]: await this.key(), ...(method === 'GET' ? {} : { origin: this.origin }) } : {};
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, path, method, headers: { ...own, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** A socket of the page, or one with other headers (undefined leaves one out) or another key. Rejects with the status of a refusal. */
  async connect(headers: Readonly<Record<string, string | undefined>> = {}, path = '/rpc', protocols?: readonly string[]): Promise<WebSocket> {
    const all = Object.entries({ origin: this.origin, ...headers }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}`, [...(protocols ?? socketProtocols(await this.key()))], {
      headers: Object.fromEntries(all),
    });
    onTestFinished(() => socket.terminate());
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('unexpected-response', (_request, response) => reject(new Error(`refused with ${response.statusCode}`)));
      socket.once('error', reject);
    });
  }

  /** The contract's client over a socket of the page. */
  async client(): Promise<StudioClient> {
    return createORPCClient(new RPCLink({ websocket: (await this.connect()) as unknown as globalThis.WebSocket }));
  }
}

async function writePage(root: string, page: string): Promise<void> {
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><meta property="csp-nonce" nonce="__STYLE_NONCE__"><p>page</p>');
  await writeFile(join(page, 'assets', 'main.js'), 'export {};');
  await writeFile(join(root, 'secret.js'), 'secret');
  await symlink(join(root, 'secret.js'), join(page, 'link.js'));
}
