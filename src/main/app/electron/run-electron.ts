/**
 * @file The studio in Electron: one window over app://, one MessagePort to it. Training outlives the window: closing it while a
 * run is active leaves this process at work until the run has ended, and starting the program again opens a window to it.
 */
import { app, type BrowserWindow, ipcMain } from 'electron';
import { PORT_CHANNEL } from '../../../shared/domain/page-port.ts';
import type { Services } from '../../services/services.ts';
import { isOwnPage } from '../page-origin.ts';
import { preparePageSession } from './page-session.ts';
import { serveRpcPort } from './rpc-port.ts';
import { openWindow } from './window.ts';

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
  preparePageSession(built, { services, dataFolder, logInternal });
  ipcMain.on(PORT_CHANNEL, (event) => {
    const [port] = event.ports;
    if (port === undefined) return;
    if (event.senderFrame?.parent === null && isOwnPage(event.senderFrame.url)) serveRpcPort(port, { services, logInternal });
    else port.close();
  });
  closeBeforeQuitting(options);
  let window: BrowserWindow | null = null;
  const show = async () => {
    if (window === null || window.isDestroyed()) window = await openWindow(built);
    if (window.isMinimized()) window.restore();
    window.focus();
  };
  app.on('second-instance', () => void show());
  app.on('activate', () => void show());
  app.on('window-all-closed', () => {
    const look = setInterval(() => {
      // A window was opened again.
      if (window !== null && !window.isDestroyed()) clearInterval(look);
      else if (!services.runs.busy) app.quit();
    }, LOOK);
    if (!services.runs.busy) app.quit();
  });
  await show();
}

/** Whatever ends the program, runs are saved first. */
function closeBeforeQuitting({ close, logInternal }: ElectronHostOptions): void {
  let closed: Promise<void> | null = null;
  app.on('will-quit', (event) => {
    if (closed !== null) return;
    event.preventDefault();
    closed = close().catch((error: unknown) => logInternal('close', error)).then(() => app.quit());
  });
}
