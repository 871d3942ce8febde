/** @file The one window and what it is kept from. */
import { join } from 'node:path';
import { BrowserWindow, protocol, session, type WebContents } from 'electron';
import { answerPageRequest, refusal } from '../page-files.ts';
import { isOwnPage, PAGE_SCHEME, PAGE_URL } from '../page-origin.ts';

/** Folder of the built program, `out`; this file is built to `out/main/app/electron`. */
const BUILT = join(import.meta.dirname, '..', '..', '..');

/** Must be called before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the page and refuses every permission a page can ask for. */
export function preparePageSession(): void {
  protocol.handle(PAGE_SCHEME, (request) => {
    if (!isOwnPage(request.url)) return refusal(403, 'This is no file of the page.');
    return answerPageRequest(join(BUILT, 'renderer'), { method: request.method, pathname: new URL(request.url).pathname });
  });
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.setDevicePermissionHandler(() => false);
}

export async function openWindow(): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    title: 'Tunesmith',
    show: false,
    autoHideMenuBar: true,
    webPreferences: { preload: join(BUILT, 'preload', 'index.cjs'), sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false },
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
