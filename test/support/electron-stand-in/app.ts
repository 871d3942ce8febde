/** @file `app`: what must come before ready, what after it, and the order of quitting as Electron documents it. */
import { preventable, strict, StrictEmitter } from './strict.ts';

interface Closable {
  close(): void;
  isDestroyed(): boolean;
}

export class StandInApp extends StrictEmitter {
  readonly isPackaged = process.env['STAND_IN_PACKAGED'] === '1';
  #ready = false;
  #quitting = false;
  #resolveReady: () => void = () => undefined;
  readonly #whenReady = new Promise<void>((resolve) => {
    this.#resolveReady = resolve;
  });
  readonly #windows = new Set<Closable>();
  /** For the scenario: what happened, in order. */
  readonly told: string[] = [];
  readonly paths: Record<string, string> = {};

  constructor() {
    super('App');
  }

  isReady(): boolean {
    return this.#ready;
  }

  whenReady(): Promise<void> {
    return this.#whenReady;
  }

  setPath(name: string, path: string): void {
    this.beforeReady('app.setPath');
    this.paths[name] = path;
  }

  enableSandbox(): void {
    this.beforeReady('app.enableSandbox');
    this.told.push('sandbox');
  }

  requestSingleInstanceLock(): boolean {
    return process.env['STAND_IN_SECOND'] !== '1';
  }

  /** Windows first, then `will-quit`; either may keep the program. `window-all-closed` is not told on this way. */
  quit(): void {
    if (this.#quitting) return;
    this.#quitting = true;
    setImmediate(() => {
      const before = preventable({});
      this.#tell('before-quit', before);
      if (before.defaultPrevented) return this.#stay();
      for (const window of this.#windows) window.close();
      if (this.#windows.size > 0) return this.#stay();
      const will = preventable({});
      this.#tell('will-quit', will);
      if (will.defaultPrevented) return this.#stay();
      return this.#end(0);
    });
  }

  /** At once: nobody is asked. */
  exit(code = 0): void {
    this.#end(code);
  }

  // For the stand-in and its scenarios.

  beforeReady(what: string): void {
    if (this.#ready) throw new Error(`${what} must be called before app is ready.`);
  }

  afterReady(what: string): void {
    if (!this.#ready) throw new Error(`${what} cannot be used before app is ready.`);
  }

  becomeReady(): void {
    this.#ready = true;
    this.#tell('ready', {}, {});
    this.#resolveReady();
  }

  opened(window: Closable): void {
    this.#windows.add(window);
  }

  closed(window: Closable): void {
    this.#windows.delete(window);
    if (this.#windows.size > 0 || this.#quitting) return;
    this.told.push('window-all-closed');
    // Electron quits by itself where nobody listens.
    if (this.listens('window-all-closed')) this.tell('window-all-closed');
    else this.quit();
  }

  #stay(): void {
    this.#quitting = false;
  }

  #tell(event: string, ...args: readonly unknown[]): void {
    this.told.push(event);
    this.tell(event, ...args);
  }

  #end(code: number): void {
    this.#tell('quit', {}, code);
    process.exit(code);
  }
}

export const standInApp = new StandInApp();
export const app = strict('App', standInApp);
