/** @file What a user, a page and the system do, by name; each reports what it saw, and the test says what that has to be. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { StudioClient } from '../../../src/shared/contract/index.ts';
import { PORT_CHANNEL, PORT_OFFER } from '../../../src/shared/domain/page-port.ts';
import { outcomeDownloadPath } from '../../../src/shared/domain/upload.ts';
import { standInApp } from './app.ts';
import { dialogs, menu, type MenuItem } from './menu-dialog.ts';
import type { Page } from './page.ts';
import { shutDown } from './power-monitor.ts';
import { strict } from './strict.ts';
import { utilities } from './utility-process.ts';
import { StandInContents, type StandInWindow, windows } from './windows.ts';

const report = (what: object) => console.log(`REPORT ${JSON.stringify(what)}`);

async function until<T>(look: () => T | null | undefined | false): Promise<T> {
  for (let i = 0; i < 1200; i++) {
    const seen = look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    await delay(50);
  }
  throw new Error(`Waited in vain for ${look.toString()}`);
}

const shown = (): Promise<{ readonly window: StandInWindow; readonly page: Page }> =>
  until(() => {
    const window = windows.at(-1);
    return window !== undefined && window.contents.page !== null && window.calls.includes('show') ? { window, page: window.contents.page } : null;
  });

/** The page's own way to its host: over the preload. */
function connect(page: Page): { readonly client: StudioClient; readonly port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  page.postMessage(PORT_CHANNEL, [port2]);
  return { client: createORPCClient(new RPCLink({ port: port1 as unknown as globalThis.MessagePort })), port: port1 };
}

const closed = (port: MessagePort) => new Promise<'closed'>((resolve) => port.once('close', () => resolve('closed')));
const alive = (kind: 'engine' | 'worker') =>
  utilities.filter(({ pid, options }) => pid() !== undefined && options.serviceName === `Tunesmith ${kind}`).length;
const itemsOf = (items: readonly MenuItem[]): readonly string[] =>
  items.flatMap(({ role, submenu }) => [...(role === undefined ? [] : [role]), ...itemsOf(submenu ?? [])]);
const onQuit = (what: () => object) => standInApp.on('quit', () => report(what()));

/** From the start to the end, with an engine that ends by itself and one that is still there when the window is closed. */
async function wholePath(): Promise<void> {
  const { window, page } = await shown();
  const index = await page.fetch('/index.html');
  const html = await index.text();
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(html)![1]!;
  report({
    told: [...standInApp.told],
    userData: standInApp.paths['userData'],
    preferences: window.options.webPreferences,
    offer: page.world[PORT_OFFER],
    url: page.url,
    nonceIsThePolicys: index.headers.get('content-security-policy')!.includes(`'nonce-${/nonce="([^"]+)"/.exec(html)![1]}'`),
    script: (await page.fetch(script)).headers.get('content-type'),
    outside: await Promise.all(
      ['/../main/index.js', '/%2e%2e/main/index.js', '/assets/..%2f..%2f..%2fpackage.json', '/nothing.js'].map((path) =>
        page.fetch(path).then(({ status }) => status),
      ),
    ),
    elsewhere: await page.fetch('app://other/index.html').then(({ status }) => status),
    menu: menu.current === undefined || menu.current === null ? menu.current : itemsOf(menu.current),
  });
  const { client } = connect(page);
  const devices = await client.system.devices({ refresh: true });
  await until(() => utilities.length > 0 && alive('engine') === 0);
  report({ devices: devices.map(({ device }) => device), engines: utilities.map(({ options }) => options) });
  const { model } = await client.starter.open();
  const ready = await client.compare.warm({ modelId: model.id, columns: [{ kind: 'base' }] });
  report({ ready: ready.kind, engines: alive('engine'), workers: alive('worker') });
  onQuit(() => ({
    told: [...standInApp.told],
    engines: alive('engine'),
    left: utilities.flatMap(({ pid }) => pid() ?? []),
    windows: windows.map((each) => each.isDestroyed()),
  }));
  window.close();
}

/** A run goes on without a window; the program started again opens one; a shutdown waits until the run is saved. */
async function training(): Promise<void> {
  const { window, page } = await shown();
  const { client } = connect(page);
  await client.settings.update({ device: 'cpu' });
  const { model, dataset, settings } = await client.starter.open();
  const run = await client.runs.start({
    modelId: model.id,
    datasetId: dataset.id,
    settings: { ...settings, max_steps: 5000, save_steps: 5000 },
    name: 'In the window',
  });
  await steps(client, run.id, 2);
  window.close();
  await delay(5000);
  report({ told: [...standInApp.told], engines: alive('engine'), windows: windows.length });
  standInApp.tell('second-instance', {}, [], '/', {});
  const again = await until(() => (windows.length === 2 ? windows[1] : null));
  await shown();
  again.minimize();
  standInApp.tell('second-instance', {}, [], '/', {});
  await delay(100);
  const found = await connect(again.contents.page!).client.runs.get({ id: run.id });
  report({ status: found.status.kind, calls: again.calls, windows: windows.length });
  onQuit(() => ({ waited, engines: alive('engine'), told: standInApp.told.slice(-4) }));
  const waited = shutDown();
}

async function steps(client: StudioClient, id: string, enough: number): Promise<void> {
  for (;;) {
    if ((await client.runs.get({ id })).step >= enough) return;
    await delay(200);
  }
}

/** Started twice while the first window is still loading. */
async function twiceAtOnce(): Promise<void> {
  await until(() => windows.length > 0);
  standInApp.tell('second-instance', {}, [], '/', {});
  standInApp.tell('activate', {}, false);
  const { window } = await shown();
  await delay(500);
  report({ windows: windows.length });
  window.close();
}

/** What a page that is not ours any more would try. */
async function hostile(): Promise<void> {
  const { window, page } = await shown();
  const { contents } = window;
  const foreign = new MessageChannel();
  const refused = closed(foreign.port1);
  page.postFromFrame('https://example.org/', PORT_CHANNEL, foreign.port2);
  const framed = new MessageChannel();
  const framedRefused = closed(framed.port1);
  page.postFromFrame('app://tunesmith/index.html', PORT_CHANNEL, framed.port2);
  const { port } = connect(page);
  const broken = closed(port);
  port.postMessage('no message of ours');
  const far = 'https://example.org/';
  // Contents that nobody of us made, such as of a feature of Electron to come.
  const other = new StandInContents();
  standInApp.tell('web-contents-created', {}, strict('WebContents', other));
  report({
    navigates: [far, 'file:///etc/passwd', 'app://other/', 'javascript:alert(1)', 'data:text/html,x'].map((url) => contents.navigates(url)),
    ownPage: contents.navigates('app://tunesmith/index.html'),
    redirects: contents.navigates(far, 'will-redirect'),
    opens: [far, 'app://tunesmith/index.html', 'about:blank'].map((url) => contents.opens(url)),
    other: [other.navigates(far), other.opens(far), other.attachesWebview()],
    webview: contents.attachesWebview(),
    permissions: await Promise.all(
      ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal'].map((name) => contents.permission(name)),
    ),
    downloads: [[far], ['app://tunesmith/x', far], ['blob:https://example.org/1']].map((chain) => contents.downloads(...chain)),
    ownDownloads: [[`app://tunesmith${outcomeDownloadPath('r', null)}`], ['blob:app://tunesmith/0b1c']].map((chain) => contents.downloads(...chain)),
    ports: await Promise.all([refused, framedRefused, broken]),
    directly: await page.fetch('/upload', { method: 'PUT', body: 'x' }).then(({ status }) => status),
  });
  window.close();
}

/** The page's process goes: once it is loaded anew; again and again it is given up. */
async function crashes(): Promise<void> {
  const { window, page } = await shown();
  const { client, port } = connect(page);
  await client.settings.get();
  const gone = closed(port);
  window.contents.crash('crashed');
  const fresh = await until(() => window.contents.page);
  const theme = (await connect(fresh).client.settings.get()).theme;
  report({ port: await gone, theme, isNew: fresh !== page });
  onQuit(() => ({ dialogs, destroyed: window.isDestroyed() }));
  window.contents.crash('oom');
  await until(() => window.contents.page);
  window.contents.crash('crashed');
}

/** An engine and a worker that are not wanted any more before their processes are there. */
async function killedAtOnce(): Promise<void> {
  const { window } = await shown();
  const built = join(import.meta.dirname, '..', '..', '..', 'out', 'main');
  const load = (file: string) =>
    import(pathToFileURL(join(built, file)).href) as Promise<Readonly<Record<string, (entry: string, heap: number) => Launched>>>;
  const engine = (await load('app/electron/utility-engine.js'))['utilityEngine']!(join(built, 'engine', 'process.js'), 64);
  const worker = (await load('app/electron/utility-worker.js'))['utilityWorker']!(join(built, 'worker', 'process.js'), 64);
  const ended = [engine, worker].map(
    (child) => new Promise<string>((resolve) => child.listen({ message: () => undefined, output: () => undefined, closed: resolve })),
  );
  for (const child of [engine, worker]) child.kill();
  report({ ended: await Promise.race([Promise.all(ended), delay(20_000, 'still there')]) });
  window.close();
}

interface Launched {
  kill(): void;
  listen(listeners: { readonly message: () => void; readonly output: () => void; readonly closed: (how: string) => void }): void;
}

/** Nothing is done: the program ends by itself, as another instance or because it cannot start. */
async function bystander(): Promise<void> {
  onQuit(() => ({ told: [...standInApp.told], windows: windows.length, dialogs }));
  await delay(20_000);
  throw new Error('The program has not ended.');
}

export const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  wholePath,
  training,
  twiceAtOnce,
  hostile,
  crashes,
  killedAtOnce,
  bystander,
};
