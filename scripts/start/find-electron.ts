import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runProgram } from './run-program.ts';

const require = createRequire(import.meta.url);

export function canShowWindows(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** Path of Electron's program, which is no part of its npm package and is downloaded now if need be; or in words why there is none. */
export async function findElectron(): Promise<{ readonly path: string } | { readonly why: string }> {
  if (!canShowWindows()) return { why: 'this machine has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)' };
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH'] === undefined) {
    console.log('Looking for Electron; the first time it is downloaded from GitHub.');
    const folder = dirname(require.resolve('electron/package.json'));
    const { code, errors } = await runProgram(process.execPath, [join(folder, 'install.js')], 'pipe', folder);
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
