/** @file Entry of the browser host: the studio as a page on loopback. `--data DIR`, `--port N`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrowserHost } from './app/browser/browser-host.ts';
import { HostLog } from './app/host-log.ts';
import { dataFolder } from './app/paths.ts';
import { AppError } from '../shared/lib/app-error.ts';
import { openStudio } from './studio.ts';

const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
const data = dataFolder(values.data ?? null);
const log = new HostLog(join(data.root, 'logs', 'host.log'));

// A promise that nobody waited for is a bug of ours, but what is being trained has nothing to do with it.
process.on('unhandledRejection', (error) => log.write('unhandled', error));
try {
  await start();
} catch (error) {
  console.error(error instanceof AppError ? [error.message, error.remedy].filter(Boolean).join(' ') : error);
  process.exit(1);
}

async function start(): Promise<void> {
  const studio = openStudio(data, 'browser');
  const host = await startBrowserHost({
    services: studio.services,
    dataFolder: data.root,
    page: join(import.meta.dirname, '..', '..', 'out', 'renderer'),
    port: values.port === undefined ? null : Number(values.port),
    logInternal: log.write,
  });
  console.log(`Tunesmith: ${host.url}`);
  let closing = false;
  const end = (signal: NodeJS.Signals) => {
    if (closing) process.exit(130);
    closing = true;
    console.log(`${signal}: saving what runs. Once more to end at once.`);
    void Promise.all([host.close(), studio.close()]).then(() => log.flushed()).then(() => process.exit(0), (error: unknown) => {
      console.error(error);
      process.exit(1);
    });
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}
