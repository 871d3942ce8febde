/** @file The one window, and that it stays at its page. */
import { join } from 'node:path';
import { BrowserWindow, type WebContents } from 'electron';
import { isOwnPage, PAGE_URL } from '../page-origin.ts';

/** @param built folder of the built program, `out` */
export async function openWindow(built: string): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    title: 'Tunesmith',
    show: false,
    autoHideMenuBar: true,
    webPreferences: { preload: join(built, 'preload', 'index.cjs'), sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false },
  });
  lockNavigation(window.webContents);
  window.once('ready-to-show', () => window.show());
  await window.loadURL(PAGE_URL);
  return window;
}

function lockNavigation(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
}
