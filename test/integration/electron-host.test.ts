/** @file The Electron entry as it is built, run under Node against a strict stand-in of Electron (test/support/electron-stand-in): wiring, order and teardown, where the program itself cannot be had. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openStudio } from '../../src/main/studio.ts';
import { buildStudio } from '../support/built-studio.ts';
import { definitionOf, menuRoles } from '../support/electron-stand-in/definitions.ts';
import { testFolder } from '../support/test-folder.ts';

const RUNNER = join(import.meta.dirname, '..', 'support', 'electron-stand-in', 'runner.ts');

beforeAll(buildStudio, 300_000);

interface Outcome {
  readonly code: number | null;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly reports: readonly any[];
  readonly output: string;
}

/** The program from its start to its end. */
async function play(scenario: string, data: string, env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', RUNNER, scenario, '--', '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HF_HOME: join(data, 'none'), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const reports = output
    .split('\n')
    .filter((line) => line.startsWith('REPORT '))
    .map((line) => JSON.parse(line.slice(7)) as unknown);
  return { code, reports, output };
}

/** Closing the registry takes its journal along: what is left of an open one are files beside it. */
const registryFiles = (data: string) => ['registry.sqlite', 'registry.sqlite-wal'].map((name) => existsSync(join(data, name)));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('goes from the start over window, page files, port and engine to an end that leaves nothing open', async () => {
  const data = join(await testFolder(), 'data');
  const { code, reports, output } = await play('wholePath', data, { STAND_IN_PACKAGED: '1' });
  expect(reports, output).toHaveLength(4);
  const [opened, engine, warm, ended] = reports;
  expect(opened).toMatchObject({
    told: ['sandbox', 'ready'],
    userData: join(data, 'window'),
    offer: { takesPort: true },
    url: 'app://tunesmith/index.html',
    nonceIsThePolicys: true,
    script: 'text/javascript; charset=utf-8',
    elsewhere: 403,
  });
  // Node's URL takes `..` away before any handler sees it; what is left names no file, or one that is none of the page's.
  for (const status of opened.outside) expect([403, 404]).toContain(status);
  expect(opened.preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    spellcheck: false,
    devTools: false,
  });
  // What opens a hole by being named at all.
  for (const name of [
    'webSecurity',
    'allowRunningInsecureContent',
    'experimentalFeatures',
    'enableBlinkFeatures',
    'nodeIntegrationInWorker',
    'nodeIntegrationInSubFrames',
  ])
    expect(opened.preferences).not.toHaveProperty(name);
  expect(opened.menu).toEqual(expect.arrayContaining(['editMenu', 'zoomIn']));
  for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu']) expect(opened.menu).not.toContain(role);
  expect(engine.devices).toContain('cpu');
  expect(engine.engines[0]).toMatchObject({ serviceName: 'Tunesmith engine', stdio: 'pipe' });
  expect(warm).toEqual({ ready: 'ready', engines: 1, workers: 1 });
  // Saved and closed before the second quit, which is let through.
  expect(ended).toEqual({
    told: ['sandbox', 'ready', 'window-all-closed', 'before-quit', 'will-quit', 'before-quit', 'will-quit', 'quit'],
    engines: 0,
    left: expect.any(Array),
    windows: [true],
  });
  // An idle worker may be there for a moment longer than the program, and no more.
  await expect.poll(() => ended.left.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  expect(code, output).toBe(0);
  expect(registryFiles(data)).toEqual([true, false]);
});

it('trains on without a window, gives one window to whoever starts it again, and has a shutdown wait until the run is saved', async () => {
  const data = join(await testFolder(), 'data');
  const { code, reports, output } = await play('training', data);
  expect(reports, output).toHaveLength(3);
  expect(reports[0]).toEqual({ told: ['sandbox', 'ready', 'window-all-closed'], engines: 1, windows: 1 });
  expect(reports[1]).toMatchObject({ status: 'running', windows: 2 });
  expect(reports[1].calls).toEqual(expect.arrayContaining(['show', 'restore', 'focus']));
  expect(reports[2]).toEqual({ waited: true, engines: 0, told: ['will-quit', 'before-quit', 'will-quit', 'quit'] });
  expect(code, output).toBe(0);
  const studio = openStudio(dataFolder(data), 'browser');
  const [run] = studio.services.runs.list();
  await studio.close();
  expect(run).toMatchObject({ name: 'In the window', status: { kind: 'stopped', resumeFrom: run!.step } });
  expect(run!.step).toBeGreaterThan(0);
});

it('opens one window however often it is started while that is loading', async () => {
  const { code, reports, output } = await play('twiceAtOnce', join(await testFolder(), 'data'));
  expect(reports, output).toEqual([{ windows: 1 }]);
  expect(code).toBe(0);
});

it('lets a page neither leave, nor open, embed, ask, keep or say what is not ours', async () => {
  const { code, reports, output } = await play('hostile', join(await testFolder(), 'data'));
  const no = { requested: false, checked: false, device: false };
  expect(reports, output).toEqual([
    {
      navigates: [false, false, false, false, false],
      ownPage: true,
      redirects: false,
      opens: [false, false, false],
      other: [false, false, false],
      webview: false,
      permissions: [no, no, no, no, no],
      downloads: [false, false, false],
      ownDownloads: [true, true],
      ports: ['closed', 'closed', 'closed'],
      directly: 405,
    },
  ]);
  expect(code).toBe(0);
});

it('loads a page anew whose process has gone, and gives it up in words when it goes again and again', async () => {
  const data = join(await testFolder(), 'data');
  const { code, reports, output } = await play('crashes', data);
  expect(reports[0], output).toEqual({ port: 'closed', theme: 'auto', isNew: true });
  expect(reports[1]).toEqual({ dialogs: [expect.stringMatching(/crashed several times/)], destroyed: true });
  expect(code).toBe(0);
  expect(await readFile(join(data, 'logs', 'host.log'), 'utf8')).toMatch(/The page's process has gone: oom/);
});

it('ends an engine and a worker that are not wanted before they are there', async () => {
  const { code, reports, output } = await play('killedAtOnce', join(await testFolder(), 'data'));
  expect(reports, output).toEqual([{ ended: ['ended with code 15', 'ended with code 15'] }]);
  expect(code).toBe(0);
});

it('a second instance leaves without a window, and without having touched the data', async () => {
  const data = join(await testFolder(), 'data');
  const { code, reports, output } = await play('bystander', data, { STAND_IN_SECOND: '1' });
  expect(reports, output).toEqual([{ told: ['sandbox', 'ready', 'before-quit', 'will-quit', 'quit'], windows: 0, dialogs: [] }]);
  expect(code).toBe(0);
  expect(registryFiles(data)).toEqual([false, false]);
});

it('what keeps it from starting is told with its remedy, and ends it', async () => {
  const data = join(await testFolder(), 'data');
  await mkdir(data, { recursive: true });
  await writeFile(join(data, 'registry.sqlite'), 'This is no database, but it is long enough to be taken for one. '.repeat(100));
  const { code, reports, output } = await play('bystander', data);
  expect(reports, output).toHaveLength(1);
  expect(reports[0]).toMatchObject({ windows: 0, dialogs: [expect.stringMatching(/registry\.sqlite[\s\S]*\n\n/)] });
  expect(code).toBe(1);
});

it('the stand-in knows this Electron: it refuses what Electron has not', () => {
  expect(definitionOf('WebPreferences').members).toContain('spellcheck');
  expect(definitionOf('WebPreferences').members).not.toContain('spelCheck');
  expect(definitionOf('BrowserWindowConstructorOptions').members).toContain('autoHideMenuBar');
  expect(definitionOf('BrowserWindow').events).toContain('ready-to-show');
  expect(definitionOf('WebContents').events).toContain('render-process-gone');
  expect(definitionOf('WebContents').events).not.toContain('renderer-gone');
  expect(menuRoles()).toContain('editMenu');
  expect(() => definitionOf('Navigator2')).toThrow(/has no Navigator2/);
});
