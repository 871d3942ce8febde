/** @file The host of a soak, in a process of its own: opens a studio on the data folder it is given and tells how its loop and its heap are. */
import { join } from 'node:path';
import { startBrowserHost } from '../../src/main/app/browser/browser-host.ts';
import { dataFolder } from '../../src/main/app/paths.ts';
import type { Stall } from '../../src/main/services/machine/loop-watch.ts';
import { openStudio } from '../../src/main/studio.ts';

export type HostNews =
  | { readonly kind: 'open'; readonly address: string }
  | { readonly kind: 'state'; readonly heap: number; readonly rss: number; readonly longest: Stall }
  | { readonly kind: 'stall'; readonly stall: Stall }
  | { readonly kind: 'bug'; readonly message: string };

const INTERVAL = 1000;

const [folder] = process.argv.slice(2);
const data = dataFolder(folder!);
const tell = (news: HostNews) => void process.send!(news);
const studio = openStudio(data, 'browser');
studio.loop!.tell((stall) => tell({ kind: 'stall', stall }));
const host = await startBrowserHost({
  services: studio.services,
  dataFolder: data.root,
  page: join(data.root, 'page'),
  port: 0,
  logInternal: (_id, error) => tell({ kind: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
});
tell({ kind: 'open', address: host.newAddress() });
const timer = setInterval(() => {
  const { heapUsed: heap, rss } = process.memoryUsage();
  tell({ kind: 'state', heap, rss, longest: studio.loop!.longest });
}, INTERVAL);
process.on('disconnect', () => {
  clearInterval(timer);
  void host
    .close()
    .then(() => studio.close())
    .finally(() => process.exit());
});
