/** @file What `import ... from 'electron'` gives in the main process of the stand-in: no more than the program may use. */
export { app } from './app.ts';
export { ipcMain } from './ports.ts';
export { protocol, session } from './protocol-session.ts';
export { BrowserWindow } from './windows.ts';
export { utilityProcess } from './utility-process.ts';
export { dialog, Menu } from './menu-dialog.ts';
export { powerMonitor } from './power-monitor.ts';
