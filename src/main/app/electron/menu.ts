import { app, Menu, type MenuItemConstructorOptions } from 'electron';

const ZOOM: readonly MenuItemConstructorOptions[] = [
  { role: 'resetZoom' },
  { role: 'zoomIn' },
  { role: 'zoomOut' },
  { type: 'separator' },
  { role: 'togglefullscreen' },
];
/** Of Electron's own menu only what a developer of the page needs. */
const DEVELOPER: readonly MenuItemConstructorOptions[] = [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }];

/**
 * In place of Electron's own menu, which reloads pages and opens the developer tools in any package. macOS has copy and paste
 * from the menu alone; the others keep theirs hidden (`autoHideMenuBar`), for its keys. Must be called when Electron is ready.
 */
export function setMenu(): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
      { role: 'editMenu' },
      { label: 'View', submenu: app.isPackaged ? [...ZOOM] : [...ZOOM, ...DEVELOPER] },
      { role: 'windowMenu' },
    ]),
  );
}
