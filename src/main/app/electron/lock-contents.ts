/** @file What holds for everything that shows a page, whoever made it: it stays at our page, opens nothing, and keeps no other files than ours. */
import { app, session, type WebContents } from 'electron';
import { isOwnPage } from '../page-origin.ts';

/** Must be called before the first window: contents that are there already are not seen. */
export function lockAllContents(): void {
  app.on('web-contents-created', (_event, contents) => lock(contents));
}

/** Must be called when Electron is ready. What the page makes itself (a chart as a picture) has an address of its own behind `blob:`. */
export function lockDownloads(): void {
  session.defaultSession.on('will-download', (event, item) => {
    if (!item.getURLChain().every((url) => isOwnPage(url.replace(/^blob:/, '')))) event.preventDefault();
  });
}

function lock(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
}
