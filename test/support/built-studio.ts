import { execFile } from 'node:child_process';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isStale } from '../../scripts/start/build-if-stale.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LOCK = join(ROOT, 'node_modules', '.building-studio');
/** Milliseconds after which whoever builds is taken for dead. */
const DEAD = 240_000;

/** The studio in `out`, built where a source is newer: by one of the tests that need it, while the others wait. */
export async function buildStudio(): Promise<void> {
  while (!(await taken())) await delay(200);
  try {
    if (!(await isStale(ROOT))) return;
    const builder = join(dirname(createRequire(import.meta.url).resolve('electron-vite/package.json')), 'bin', 'electron-vite.js');
    await promisify(execFile)(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: ROOT });
  } finally {
    await rmdir(LOCK);
  }
}

async function taken(): Promise<boolean> {
  try {
    await mkdir(LOCK);
    return true;
  } catch {
    const since = await stat(LOCK).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (since > DEAD) await rmdir(LOCK).catch(() => undefined);
    return false;
  }
}
