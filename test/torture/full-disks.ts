/** @file The disk of a run, or of the data folder, is full from a random moment on; later there is room again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { end, type Lab, lastWordsOf, type Place } from './lab.ts';
import { between, type Harm, type Moment, momentBy, type Outcome, pick, seconds, toldOf, wrong } from './trial.ts';

const SIZE = 24 * 1024 * 1024;
const FILLER = 'filler';

type Full = 'run' | 'data';

export const fullDisks: Harm = {
  name: 'full disks',
  unavailable: () =>
    process.platform === 'linux' && process.getuid?.() === 0 && canMount() ? null : 'a small disk of its own can be mounted by root on Linux alone',
  trials: (count, random) =>
    Array.from({ length: count }, () => {
      const trial = {
        full: pick<Full>(random, ['run', 'data']),
        at: momentBy(random),
        left: pick(random, [0, 0, 1, 7, 40]),
        freed: between(random, 0, 1) === 1,
      };
      return {
        name: `${trial.full} folder, ${trial.left} KiB left at ${toldOf(trial.at)}${trial.freed ? ', room again while it runs' : ''}`,
        run: (lab) => fill(lab, trial),
      };
    }),
};

async function fill(
  lab: Lab,
  { full, at, left, freed }: { readonly full: Full; readonly at: Moment; readonly left: number; readonly freed: boolean },
): Promise<Outcome> {
  const fresh = lab.newPlace();
  const disk = `${fresh.out}-disk`;
  const place: Place = full === 'run' ? { ...fresh, out: join(disk, 'run') } : { ...fresh, data: join(disk, 'data') };
  mountSmallDisk(disk);
  try {
    const running = lab.train(place);
    await lab.at(running, at);
    await fillUp(disk, left * 1024);
    if (freed) {
      await seconds(1.5);
      await rm(join(disk, FILLER));
    }
    const ended = await end(running);
    await rm(join(disk, FILLER), { force: true });
    if (ended.hung !== null) return wrong(ended.hung);
    if (ended.signal !== null) return wrong(`died of ${ended.signal}`);
    if (ended.code === 0) return await lab.compare(place, lastWordsOf(ended) === '' ? [] : [lastWordsOf(ended)]);
    if (!/full|space|room/i.test(lastWordsOf(ended))) return wrong(`ended with ${ended.code}: ${lastWordsOf(ended)}`);
    return await lab.finish(place);
  } finally {
    unmount(disk);
  }
}

async function fillUp(disk: string, left: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, FILLER), Buffer.alloc(Math.max(0, bavail * bsize - left))).catch(() => {
    // Somebody took the room meanwhile: then it is full all the same.
  });
}

function mountSmallDisk(folder: string): void {
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]);
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
}

function canMount(): boolean {
  const probe = join('/tmp', `tunesmith-mount-${process.pid}`);
  try {
    mountSmallDisk(probe);
    unmount(probe);
    return true;
  } catch {
    // Not even root may, in most containers.
    return false;
  }
}
