/** @file Entry of the browser host: the studio as a page on loopback. `--data DIR`, `--port N`; `npm start` calls it too. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BrowserHost, startBrowserHost } from './app/browser/browser-host.ts';
import { openInBrowser } from './app/browser/open-in-browser.ts';
import { onEndSignals, outliveReaders } from './app/end-signals.ts';
import { HostLog } from './app/host-log.ts';
import { guardProcess } from './app/last-resort.ts';
import { openDataFolder } from './app/open-data-folder.ts';
import { dataFolder } from './app/paths.ts';
import { keepToOwner } from './files/private-root.ts';
import { AppError } from '../shared/lib/app-error.ts';
import { openStudioWhenFree, type Studio } from './studio.ts';

export interface ServeOptions {
  /** Data folder; null is the platform's. */
  readonly data: string | null;
  /** Null takes the usual port, or a free one. */
  readonly port: string | null;
  /** Whether to open a browser. */
  readonly open: boolean;
}

const PAGE = join(import.meta.dirname, '..', '..', 'out', 'renderer');

/** Serves until a signal ends it; exits with 1 where it cannot start. */
export async function serveStudio(options: ServeOptions): Promise<void> {
  keepToOwner();
  const data = dataFolder(options.data);
  const log = new HostLog(join(data.root, 'logs', 'host.log'));
  // The terminal it was started from may be closed; the studio is on the page.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let studio: Studio | null = null;
  const tell = (message: string) => {
    console.error(message);
    studio?.services.notices.set('INTERNAL', { level: 'problem', message, remedy: null });
  };
  guardProcess(
    {
      log: (error) => log.write('unhandled', error),
      tell,
      exit: (code) => process.exit(code),
      save: async () => {
        await studio?.close(console.error);
        await log.flushed();
      },
    },
    true,
  );
  try {
    const port = portIn(options.port);
    if (!existsSync(join(PAGE, 'index.html')))
      throw new AppError({
        code: 'PAGE-MISSING',
        message: 'The page has not been built.',
        remedy: 'Run `npm run build`, or `npm start`, which does it.',
      });
    openDataFolder(options.data, (notice) => log.write('data-folder', notice));
    studio = await openStudioWhenFree(data, 'browser', (message) => console.error(message));
    studio.loop?.tell((stall) => log.write('stall', stall));
    const host = await startBrowserHost({
      services: studio.services,
      dataFolder: data.root,
      page: PAGE,
      port,
      logInternal: log.write,
      onAddress: (url) => console.log(`Tunesmith: ${url}`),
    });
    tellNotices(studio, log);
    endOnSignals(host, studio, log);
    if (options.open) await openInBrowser(host.newAddress(), data.root);
  } catch (error) {
    console.error(error instanceof AppError ? [error.message, error.remedy].filter(Boolean).join(' ') : error);
    process.exit(1);
  }
}

/** What pages are told of the studio as a whole stands in the terminal and in the log too, once. */
function tellNotices({ services: { notices } }: Studio, log: HostLog): void {
  let told = new Set<string>();
  const tell = () => {
    const now = notices.list();
    for (const { code, message, remedy } of now) {
      if (told.has(message)) continue;
      console.error([message, remedy].filter(Boolean).join(' '));
      log.write(code, message);
    }
    told = new Set(now.map(({ message }) => message));
  };
  notices.onChange(tell);
  tell();
}

function portIn(text: string | null): number | null {
  if (text === null) return null;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new AppError({ code: 'PORT', message: `--port ${text} is no port.`, remedy: 'Give a whole number from 1 to 65535, or 0 for a free one.' });
}

/** The first signal saves what runs, the second ends at once. */
function endOnSignals(host: BrowserHost, studio: Studio, log: HostLog): void {
  const close = async () => {
    // Calls in flight would find the registry closed.
    await host.close();
    await studio.close((message) => console.error(message));
    await log.flushed();
  };
  // Its terminal may be what has gone.
  outliveReaders();
  onEndSignals(
    (signal) => {
      console.log(`${signal}: saving what runs. Once more ends at once.`);
      void close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    },
    () => process.exit(130),
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
  await serveStudio({ data: values.data ?? null, port: values.port ?? null, open: false });
}
