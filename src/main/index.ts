/** @file Entry of Electron's main process: one window, one question it may ask. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { app, type BrowserWindow, ipcMain } from 'electron';
import { isOwnPage } from './app/page-origin.ts';
import { dataFolder } from './app/paths.ts';
import { openWindow, preparePageSession, registerPageScheme } from './app/electron/window.ts';
import { answerDevices } from './services/devices.ts';
import { DEVICES_CHANNEL } from '../shared/domain/studio-api.ts';

// Chromium adds switches of its own, so unknown ones are let through.
const { values } = parseArgs({ args: process.argv.slice(1), options: { data: { type: 'string' } }, strict: false });
const data = dataFolder(typeof values.data === 'string' && values.data !== '' ? values.data : null);
// What Chromium keeps for the window lies with everything else of ours.
app.setPath('userData', join(data.root, 'window'));

if (app.requestSingleInstanceLock()) {
  start().catch((error: unknown) => {
    console.error(error);
    app.exit(1);
  });
} else {
  app.quit();
}

async function start(): Promise<void> {
  registerPageScheme();
  let window: BrowserWindow | null = null;
  app.on('window-all-closed', () => app.quit());
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  await app.whenReady();
  preparePageSession();
  ipcMain.handle(DEVICES_CHANNEL, (event) => {
    if (!isOwnPage(event.senderFrame?.url ?? '')) throw new Error('Refused: asked from a page that is not ours.');
    return answerDevices(data);
  });
  window = await openWindow();
}
