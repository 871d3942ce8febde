import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { NONCE_PLACEHOLDER } from '../../src/main/app/page-files.ts';
import { dataFolder } from '../../src/main/app/paths.ts';
import { listDevices } from '../../src/main/services/devices.ts';
import { sourceFiles } from '../architecture/source-tree.ts';
import { testFolder } from '../support/test-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const OUT = join(ROOT, 'out');
const built = (path: string) => readFile(join(OUT, path), 'utf8');

// Electron's program cannot be had everywhere; these are the parts of the window that show without it.
beforeAll(async () => {
  const builder = join(dirname(createRequire(import.meta.url).resolve('electron-vite/package.json')), 'bin', 'electron-vite.js');
  await promisify(execFile)(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: ROOT });
});

it('the built main process finds its engine, which answers as the one in the sources does', async () => {
  const services = await import(pathToFileURL(join(OUT, 'main/services/devices.js')).href) as { readonly listDevices: typeof listDevices };
  const data = dataFolder(await testFolder());
  expect(await services.listDevices(data)).toEqual(await listDevices(data));
});

it('what the entry names is where it says', async () => {
  const { main } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly main: string };
  for (const file of [main, 'out/main/app/electron/window.js', 'out/preload/index.cjs', 'out/renderer/index.html']) expect(existsSync(join(ROOT, file)), file).toBe(true);
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
  for (const { path, text } of sourceFiles(['src/renderer'])) expect(text, path).not.toMatch(/dangerouslySetInnerHTML|\.(inner|outer)HTML|insertAdjacentHTML|srcDoc/);
});
