/**
 * @file The studio in Electron: one window over app://, one MessagePort to it. Training outlives the window: closing it while a
 * run is active leaves this process at work until the run has ended, and starting the program again opens a window to it.
 */
import { app, type BrowserWindow, dialog, ipcMain, powerMonitor } from 'electron';
import { PORT_CHANNEL } from '../../../shared/domain/page-port.ts';
import type { Services } from '../../services/services.ts';
import { isOwnPage } from '../page-origin.ts';
import { lockAllContents, lockDownloads } from './lock-contents.ts';
import { setMenu } from './menu.ts';
import { preparePageSession } from './page-session.ts';
import { serveRpcPort } from './rpc-port.ts';
import { createWindow, loadPage } from './window.ts';

export interface ElectronHostOptions {
  readonly services: Services;
  readonly dataFolder: string;
  /** Folder of the built program, `out`. */
  readonly built: string;
  readonly logInternal: (logId: string, error: unknown) => void;
  /** Saves what runs and closes the registry. */
  readonly close: () => Promise<void>;
}

/** Milliseconds between two looks at whether runs are active, without a window. */
const LOOK = 2000;

/** Must be called when Electron is ready. */
export async function runElectron(options: ElectronHostOptions): Promise<void> {
  const { services, dataFolder, built, logInternal } = options;
  lockAllContents();
  lockDownloads();
  preparePageSession(built, { services, dataFolder, logInternal });
  setMenu();
  ipcMain.on(PORT_CHANNEL, (event) => {
    const [port] = event.ports;
    if (port === undefined) return;
    if (event.senderFrame?.parent === null && isOwnPage(event.senderFrame.url)) serveRpcPort(port, { services, logInternal });
    else port.close();
  });
  closeBeforeQuitting(options);
  let window: BrowserWindow | null = null;
  const open = async () => {
    // Known before its page is there: who asks meanwhile gets this window, not a second one.
    window = createWindow({
      built,
      onCrash: (reason) => logInternal('page', new Error(`The page's process has gone: ${reason}`)),
      onGivenUp: () =>
        dialog.showErrorBox(
          'Tunesmith',
          'The window has crashed several times in a minute and was closed. What is being trained goes on: start Tunesmith again to see it.',
        ),
    });
    await loadPage(window);
  };
  const show = async () => {
    if (window === null || window.isDestroyed()) return open();
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  const showLogged = () => void show().catch((error: unknown) => logInternal('window', error));
  app.on('second-instance', showLogged);
  app.on('activate', showLogged);
  app.on('window-all-closed', () => {
    const look = setInterval(() => {
      // A window was opened again.
      if (window !== null && !window.isDestroyed()) clearInterval(look);
      else if (!services.runs.busy) app.quit();
    }, LOOK);
    if (!services.runs.busy) app.quit();
  });
  await open();
}

/** Whatever ends the program, runs are saved first. Chromium makes SIGINT, SIGTERM and SIGHUP a quitting of its own; a shutdown and a logout are told here. */
function closeBeforeQuitting({ close, logInternal }: ElectronHostOptions): void {
  let closed: Promise<void> | null = null;
  app.on('will-quit', (event) => {
    if (closed !== null) return;
    event.preventDefault();
    closed = close()
      .catch((error: unknown) => logInternal('close', error))
      .then(() => app.quit());
  });
  // Linux and macOS wait for the program where it asks for that; Windows gives it some seconds.
  const onShutdown = (event: { preventDefault(): void }) => {
    event.preventDefault();
    app.quit();
  };
  powerMonitor.on('shutdown', onShutdown as () => void);
  app.on('browser-window-created', (_event, window) => window.on('query-session-end', () => app.quit()));
}
