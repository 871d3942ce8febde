import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SmallDisk {
  readonly folder: string;
  /** Takes all the room that is left. */
  fill(): void;
  free(): void;
}

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A file system of its own of a few megabytes for the current test; null where this user may not mount one. */
export function smallDisk(root: string, megabytes: number): SmallDisk | null {
  if (!canMount) return null;
  const folder = join(root, 'disk');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
  onTestFinished(() => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }));
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fillUp(filler),
    free: () => rmSync(filler),
  };
}

function fillUp(file: string): void {
  const handle = openSync(file, 'a');
  try {
    for (const size of [1 << 20, 4096]) {
      for (let written = size; written === size;) written = writeSync(handle, Buffer.alloc(size));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(handle);
  }
}
