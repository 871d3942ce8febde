/** @file A page in a window: the built preload runs in a context of its own, with no more of Electron than a sandbox has, and the scenario acts as the page's scripts. */
import { readFileSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { createContext, Script } from 'node:vm';
import { arriveAtMain, type SenderFrame } from './ports.ts';
import { requestOf } from './protocol-session.ts';
import { strict } from './strict.ts';

type MessageListener = (event: { readonly source: unknown; readonly data: unknown; readonly ports: readonly MessagePort[] }) => void;

export class Page {
  readonly url: string;
  /** What the preload has left for the page. */
  readonly world: Record<string, unknown> = {};
  readonly #frame: SenderFrame;
  readonly #listeners: MessageListener[] = [];
  readonly #window: object;
  readonly #ports: MessagePort[] = [];

  constructor(url: string, preload: string | undefined) {
    this.url = url;
    this.#frame = { url, parent: null };
    this.#window = {
      addEventListener: (kind: string, listener: MessageListener) => {
        if (kind === 'message') this.#listeners.push(listener);
      },
    };
    if (preload !== undefined) this.#run(preload);
  }

  /** As `window.postMessage` of the page's own scripts. */
  postMessage(data: unknown, ports: readonly MessagePort[]): void {
    this.#ports.push(...ports);
    for (const listener of this.#listeners) listener({ source: this.#window, data, ports });
  }

  /** As a frame from elsewhere that has got hold of the channel. */
  postFromFrame(url: string, channel: string, port: MessagePort): void {
    arriveAtMain(channel, null, [port], { url, parent: this.#frame });
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return requestOf(new URL(path, this.url).href, init, true);
  }

  /** Its process has gone, and every port of it. */
  gone(): void {
    for (const port of this.#ports) port.close();
  }

  #run(preload: string): void {
    const renderer = {
      contextBridge: strict('ContextBridge', {
        exposeInMainWorld: (name: string, api: unknown) => {
          // Only what can be copied, and functions, pass the bridge.
          this.world[name] = structuredClone(api);
        },
      }),
      ipcRenderer: strict('IpcRenderer', {
        postMessage: (channel: string, message: unknown, ports: readonly MessagePort[] = []) =>
          void arriveAtMain(channel, message, ports, this.#frame),
      }),
    };
    const load = (name: string) => {
      if (name !== 'electron') throw new Error(`A sandboxed preload cannot load "${name}".`);
      return renderer;
    };
    new Script(`(function (require, window) {${readFileSync(preload, 'utf8')}\n})`, { filename: preload }).runInContext(createContext({}))(
      load,
      this.#window,
    );
  }
}
