/**
 * Opens the window, built before by `npm start`. Electron's program is no part of its npm package: it is downloaded on first
 * use. Where that or a window is impossible, says so and tells in the terminal what the window would have.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { FIRST_STEPS } from '../src/shared/domain/first-steps.ts';

const ROOT = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const { values } = parseArgs({ options: { data: { type: 'string' } } });
const dataArgs = values.data === undefined ? [] : ['--data', values.data];

interface Ended {
  readonly code: number;
  /** What it printed as errors where that is caught, or why it did not start or was ended; empty otherwise. */
  readonly errors: string;
}

function run(program: string, args: readonly string[], stderr: 'inherit' | 'pipe'): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', stderr] });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-65_536);
    });
    child.on('error', (error) => resolve({ code: 1, errors: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, errors: errors || (signal === null ? '' : `ended by ${signal}`) }));
  });
}

/** Path of Electron's program, downloaded now if need be, or in words why there is none. */
async function findElectron(): Promise<{ readonly path: string } | { readonly why: string }> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return { why: 'this machine has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)' };
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH'] === undefined) {
    console.log('Looking for Electron; the first time it is downloaded from GitHub.');
    const { code, errors } = await run(process.execPath, [join(dirname(require.resolve('electron/package.json')), 'install.js')], 'pipe');
    if (code !== 0) return { why: `Electron could not be downloaded: ${reasonIn(errors)}` };
  }
  try {
    return { path: require('electron') as string };
  } catch (error) {
    return { why: `Electron is not installed: ${(error as Error).message}` };
  }
}

/** The messages in a stack trace, without the places. */
function reasonIn(errors: string): string {
  const messages = [...errors.matchAll(/(?:^|\s)(?:\w*Error|\[cause\]): (?:\w*Error: )?(.+?)(?: \{)?$/gm)].map(([, message]) => message!);
  return [...new Set(messages)].join(': ') || errors.trim().split('\n').at(-1)!;
}

async function tellInTerminal(why: string): Promise<number> {
  console.log(`No window: ${why}.\n\nWhat this computer can train on:\n`);
  const { code } = await run(process.execPath, [join(ROOT, 'src/main/cli/index.ts'), 'devices', ...dataArgs], 'inherit');
  console.log('\nStart from the terminal, here:');
  for (const { title, command, note } of FIRST_STEPS) console.log(`\n  ${title}\n    ${command}\n    ${note}`);
  return code;
}

const electron = await findElectron();
if ('why' in electron) {
  process.exitCode = await tellInTerminal(electron.why);
} else {
  const { code, errors } = await run(electron.path, [ROOT, ...dataArgs], 'inherit');
  if (code !== 0) {
    await tellInTerminal(`Electron ended with code ${code}${errors === '' ? '; what it printed is above' : ` (${errors})`}`);
    process.exitCode = 1;
  }
}
