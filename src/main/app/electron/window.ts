/** @file The one window. Where it may be is held for all contents alike (lock-contents.ts). */
import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';
import { PAGE_URL } from '../page-origin.ts';

/** Crashes of the page's process after which it is loaded no more, unless some time has passed since the first of them. */
const MOST_CRASHES = 3;
const CRASH_SPAN = 60_000;

export interface WindowOptions {
  /** Folder of the built program, `out`. */
  readonly built: string;
  /** The page's process has gone; it is being loaded again. */
  readonly onCrash: (reason: string) => void;
  /** It went again and again: the window has been closed. */
  readonly onGivenUp: () => void;
}

/** Opens at once; the page is loaded by `loadPage`. */
export function createWindow(options: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    title: 'Tunesmith',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(options.built, 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // On Linux and Windows it fetches dictionaries from the network.
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => window.show());
  reloadAfterCrash(window, options);
  return window;
}

export async function loadPage(window: BrowserWindow): Promise<void> {
  await window.loadURL(PAGE_URL);
}

/** A page whose process is gone stays white for ever; what it showed is the host's, so that it can begin again. */
function reloadAfterCrash(window: BrowserWindow, { onCrash, onGivenUp }: WindowOptions): void {
  let crashes: readonly number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    onCrash(reason);
    const now = performance.now();
    crashes = [...crashes.filter((time) => now - time < CRASH_SPAN), now];
    if (crashes.length < MOST_CRASHES) {
      // What comes of it is told by the next of these events.
      loadPage(window).catch(() => undefined);
      return;
    }
    window.destroy();
    onGivenUp();
  });
}
