/** @file Windows and what they show; each is kept with the options it was made with. */
import { existsSync } from 'node:fs';
import { extname, isAbsolute } from 'node:path';
import { standInApp } from './app.ts';
import { Page } from './page.ts';
import { requestOf, standInSession } from './protocol-session.ts';
import { checkOptions, preventable, strict, StrictEmitter } from './strict.ts';

interface Options {
  readonly show?: boolean;
  readonly webPreferences?: Readonly<Record<string, unknown>> & { readonly preload?: string };
}

export class StandInContents extends StrictEmitter {
  #openHandler: ((details: { readonly url: string }) => { readonly action: string }) | null = null;
  /** For the scenario; null before the first load and after a crash. */
  page: Page | null = null;

  constructor() {
    super('WebContents');
  }

  setWindowOpenHandler(handler: (details: { readonly url: string }) => { readonly action: string }): void {
    this.#openHandler = handler;
  }

  getType(): string {
    return 'window';
  }

  // For the scenario: what a page tries, and whether it may.

  opens(url: string): boolean {
    return this.#openHandler === null || this.#openHandler({ url }).action !== 'deny';
  }

  navigates(url: string, how: 'will-frame-navigate' | 'will-redirect' = 'will-frame-navigate'): boolean {
    const event = preventable({ url, isMainFrame: true });
    this.tell(how, event);
    return !event.defaultPrevented;
  }

  attachesWebview(): boolean {
    const event = preventable({});
    this.tell('will-attach-webview', event, {}, {});
    return !event.defaultPrevented;
  }

  permission(name: string) {
    return standInSession.askPermission(this, name);
  }

  downloads(...chain: readonly string[]): boolean {
    return standInSession.downloads(this, chain);
  }

  crash(reason: string): void {
    this.page?.gone();
    this.page = null;
    this.tell('render-process-gone', {}, { reason, exitCode: 139 });
  }
}

export class StandInWindow extends StrictEmitter {
  readonly options: Options;
  readonly contents = new StandInContents();
  readonly webContents = strict('WebContents', this.contents);
  readonly calls: string[] = [];
  #destroyed = false;
  #minimized = false;
  #loaded = false;

  constructor(options: Options) {
    super('BrowserWindow');
    standInApp.afterReady('BrowserWindow');
    checkOptions('BrowserWindowConstructorOptions', options);
    checkOptions('WebPreferences', options.webPreferences ?? {});
    const { preload } = options.webPreferences ?? {};
    if (preload !== undefined && (!isAbsolute(preload) || !existsSync(preload) || extname(preload) === '.mjs'))
      throw new Error(`Unable to load preload script: ${preload}`);
    this.options = options;
    standInApp.opened(this);
  }

  async loadURL(url: string): Promise<void> {
    this.#alive();
    const answer = await requestOf(url);
    await answer.text();
    this.#alive();
    this.contents.page?.gone();
    this.contents.page = new Page(url, this.options.webPreferences?.preload);
    if (!this.#loaded) this.tell('ready-to-show');
    this.#loaded = true;
  }

  show(): void {
    this.#act('show');
  }

  focus(): void {
    this.#act('focus');
  }

  restore(): void {
    this.#act('restore');
    this.#minimized = false;
  }

  isMinimized(): boolean {
    this.#alive();
    return this.#minimized;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  close(): void {
    this.#alive();
    const event = preventable({});
    this.tell('close', event);
    if (!event.defaultPrevented) this.destroy();
  }

  destroy(): void {
    this.#alive();
    this.#destroyed = true;
    this.contents.page?.gone();
    this.contents.page = null;
    this.tell('closed');
    standInApp.closed(this);
  }

  /** For the scenario. */
  minimize(): void {
    this.#minimized = true;
  }

  #act(call: string): void {
    this.#alive();
    this.calls.push(call);
  }

  #alive(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
  }
}

/** Every window there was, in order. */
export const windows: StandInWindow[] = [];

/** `new BrowserWindow(...)`: its contents are told of before the caller has the window. */
export const BrowserWindow = function BrowserWindow(options: Options = {}): StandInWindow {
  const window = new StandInWindow(options);
  windows.push(window);
  standInApp.tell('web-contents-created', {}, window.webContents);
  standInApp.tell('browser-window-created', {}, strict('BrowserWindow', window));
  return strict('BrowserWindow', window);
};
