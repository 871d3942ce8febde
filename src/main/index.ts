/** @file Entry of Electron's main process. `--data DIR`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { app, dialog } from 'electron';
import { registerPageScheme } from './app/electron/page-session.ts';
import { runElectron } from './app/electron/run-electron.ts';
import { utilityEngine } from './app/electron/utility-engine.ts';
import { utilityWorker } from './app/electron/utility-worker.ts';
import { HostLog } from './app/host-log.ts';
import { guardProcess } from './app/last-resort.ts';
import { openDataFolder } from './app/open-data-folder.ts';
import { dataFolder } from './app/paths.ts';
import { launchEnginesBy } from './engine-host/engine-host.ts';
import { keepToOwner } from './files/private-root.ts';
import { launchWorkersBy } from './worker-host/workers.ts';
import { AppError } from '../shared/lib/app-error.ts';
import { openStudioWhenFree, type Studio } from './studio.ts';

// Chromium adds switches of its own, so unknown ones are let through.
const { values } = parseArgs({ args: process.argv.slice(1), options: { data: { type: 'string' } }, strict: false });
keepToOwner();
const chosen = typeof values.data === 'string' && values.data !== '' ? values.data : null;
const data = dataFolder(chosen);
const log = new HostLog(join(data.root, 'logs', 'host.log'));
// What Chromium keeps for the window lies with everything else of ours.
app.setPath('userData', join(data.root, 'window'));
app.enableSandbox();

let studio: Studio | null = null;

if (app.requestSingleInstanceLock()) {
  guardProcess(
    {
      log: (error) => log.write('unhandled', error),
      tell: (message) => {
        console.error(message);
        studio?.services.notices.set('INTERNAL', { level: 'problem', message, remedy: null });
      },
      save: async () => {
        await studio?.close();
        await log.flushed();
      },
      exit: (code) => app.exit(code),
    },
    true,
  );
  start().catch((error: unknown) => {
    console.error(error);
    dialog.showErrorBox(
      'Tunesmith',
      error instanceof AppError ? [error.message, error.remedy].filter(Boolean).join('\n\n') : error instanceof Error ? error.message : String(error),
    );
    app.exit(1);
  });
} else {
  app.quit();
}

async function start(): Promise<void> {
  registerPageScheme();
  launchEnginesBy(utilityEngine);
  launchWorkersBy(utilityWorker);
  await app.whenReady();
  openDataFolder(chosen, (notice) => log.write('data-folder', notice));
  const opened = await openStudioWhenFree(data, 'electron', (message) => log.write('registry', message));
  studio = opened;
  opened.loop?.tell((stall) => log.write('stall', stall));
  const close = async () => {
    await opened.close();
    await log.flushed();
  };
  try {
    await runElectron({ services: opened.services, dataFolder: data.root, built: join(import.meta.dirname, '..'), logInternal: log.write, close });
  } catch (error) {
    await close();
    throw error;
  }
}
