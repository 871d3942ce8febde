import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { isStale } from '../../scripts/start/build-if-stale.ts';
import { NONCE_PLACEHOLDER } from '../../src/main/app/page-files.ts';
import { dataFolder } from '../../src/main/app/paths.ts';
import { listDevices } from '../../src/main/services/machine/devices.ts';
import type { closeIdleWorkers, runTask } from '../../src/main/worker-host/workers.ts';
import { sourceFiles } from '../architecture/source-tree.ts';
import { buildStudio } from '../support/built-studio.ts';
import { testFolder } from '../support/test-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const OUT = join(ROOT, 'out');
const built = (path: string) => readFile(join(OUT, path), 'utf8');

// Electron's program cannot be had everywhere; these are the parts of the window that show without it (and electron-host.test.ts runs them).
// A build takes many seconds on a machine that does other things too.
beforeAll(buildStudio, 300_000);

it('the built main process finds its engine, which answers as the one in the sources does', async () => {
  const services = (await import(pathToFileURL(join(OUT, 'main/services/machine/devices.js')).href)) as { readonly listDevices: typeof listDevices };
  const data = dataFolder(await testFolder());
  expect(await services.listDevices(data)).toEqual(await listDevices(data));
});

it('the built host finds its worker, which answers as the one in the sources does', async () => {
  const workers = (await import(pathToFileURL(join(OUT, 'main/worker-host/workers.js')).href)) as {
    readonly runTask: typeof runTask;
    readonly closeIdleWorkers: typeof closeIdleWorkers;
  };
  const file = join(ROOT, 'package.json');
  expect(await workers.runTask('hash', { file }, { about: file })).toBe(
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  );
  workers.closeIdleWorkers();
});

it('what the entry names is where it says', async () => {
  const { main } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly main: string };
  for (const file of [main, 'out/main/app/electron/window.js', 'out/preload/index.cjs', 'out/renderer/index.html'])
    expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(await built('main/app/electron/window.js')).toContain('"preload", "index.cjs"');
});

it('the preload is one CommonJS file that needs Electron alone: a sandbox loads nothing else', async () => {
  const text = await built('preload/index.cjs');
  expect([...text.matchAll(/\brequire\(["'](.+?)["']\)/g)].map(([, name]) => name)).toEqual(['electron']);
  expect(text).not.toMatch(/^\s*(import|export)\b/m);
});

it('the page keeps to its content security policy: nothing inline, nothing from elsewhere', async () => {
  const page = await built('renderer/index.html');
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|(src|href)="(?!\.\/assets\/)/);
  // Where each answer puts the nonce that style elements carry (src/main/app/page-files.ts).
  expect(page).toContain(`<meta property="csp-nonce" nonce="${NONCE_PLACEHOLDER}">`);
});

it('the page has no Node, no Electron, and compiles no text', async () => {
  const refused = /.{0,40}(\beval\(|new Function\b|\brequire\(|["'`]node:|process\.binding|ipcRenderer).{0,40}/g;
  const scripts = (await readdir(join(OUT, 'renderer', 'assets'))).filter((name) => name.endsWith('.js'));
  expect((await Promise.all(scripts.map((file) => built(`renderer/assets/${file}`)))).flatMap((text) => text.match(refused) ?? [])).toEqual([]);
  // The library that draws it can set markup; we never ask it to, so that text from datasets and models stays text.
  for (const { path, text } of sourceFiles(['src/renderer']))
    expect(text, path).not.toMatch(/dangerouslySetInnerHTML|\.(inner|outer)HTML|insertAdjacentHTML|srcDoc/);
});

/** `npm start` on a machine without a screen; resolves when it has printed its address. */
async function startWithoutScreen(
  ...args: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly url: string; readonly output: () => string }> {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.ts'), '--no-open', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/\?code=\S+/.exec(output) ?? [];
      if (found) resolve(found);
    });
    child.on('close', (code) => reject(new Error(`ended with code ${code}:\n${output}`)));
  });
  return { child, url, output: () => output };
}

it.skipIf(process.platform !== 'linux')('npm start without a screen says so, serves what is built, and ends when asked', async () => {
  const { child, url, output } = await startWithoutScreen('--data', await testFolder());
  expect(output()).toMatch(/^No window of its own: this machine has no screen .*\nTunesmith: http/m);
  const page = await fetch(url);
  const nonce = /'nonce-([\w-]+)'/.exec(page.headers.get('content-security-policy')!)![1];
  expect(await page.text()).toBe((await built('renderer/index.html')).replaceAll(NONCE_PLACEHOLDER, nonce!));
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(0);
  expect(output()).toMatch(/SIGINT: saving what runs/);
});

it('npm start builds when a source is newer than the build, or gone since, and not otherwise', async () => {
  const root = await testFolder();
  const sources = ['src/main/browser.ts', 'src/main/gone.ts', 'src/main/x.test.ts', 'electron.vite.config.ts', 'package.json'];
  const outputs = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
  for (const file of [...sources, ...outputs]) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
  }
  const touch = (seconds: number, ...paths: readonly string[]) => Promise.all(paths.map((path) => utimes(join(root, path), seconds, seconds)));
  await touch(1000, ...sources, 'src', 'src/main');
  await touch(2000, ...outputs);
  expect(await isStale(root)).toBe(false);
  await touch(3000, 'src/main/x.test.ts');
  expect(await isStale(root)).toBe(false);
  for (const source of ['src/main/browser.ts', 'package.json']) {
    await touch(3000, source);
    expect(await isStale(root), source).toBe(true);
    await touch(1000, source);
  }
  await rm(join(root, 'src/main/gone.ts'));
  expect(await isStale(root)).toBe(true);
  await touch(1000, 'src/main');
  expect(await isStale(root)).toBe(false);
  await rm(join(root, 'out/preload/index.cjs'));
  expect(await isStale(root)).toBe(true);
});
