import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import program from '../../../package.json' with { type: 'json' };
import type { DataFolder } from '../../shared/domain/data-folder.ts';

const APP = 'Tunesmith';
export const VERSION: string = program.version;

/** Files shipped with the program: kernels and the starter model. In a package they lie beside the archive, since native code reads them. */
export const RESOURCES = fileURLToPath(new URL('../../../resources', import.meta.url)).replace(/app\.asar(?=[/\\])/, 'app.asar.unpacked');

/** The data folder: where the platform keeps such things, or the folder asked for (`--data`). Nothing is created here. */
export function dataFolder(chosen: string | null = null): DataFolder {
  const root = chosen === null ? platformFolder(process.platform, process.env, homedir()) : resolve(chosen);
  return { root, datasets: join(root, 'datasets'), runs: join(root, 'runs'), cache: join(root, 'cache') };
}

/** Application Support on macOS, local application data on Windows, the XDG data folder elsewhere. */
export function platformFolder(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv, home: string): string {
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', APP);
    case 'win32':
      return join(environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), APP);
    default:
      return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), APP.toLowerCase());
  }
}
