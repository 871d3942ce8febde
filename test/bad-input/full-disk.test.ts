/** A disk that fills while a run saves: the run fails in words, and what it had saved is whole. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import { ADAPTER_FILES, CHECKPOINT_FILES, filesOf, finishJob, runFaulty, runJob, trainJob, type JobOptions } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

const OPTIONS: JobOptions = { recipe: { max_steps: 6, save_steps: 1, save_total_limit: null } };

describe('no space for a file of the run', () => {
  const root = tempFolder();

  it.each([
    ['adapter_model', 'checkpoint-3.new/adapter_model', 2],
    ['optimizer state', 'checkpoint-1.new/optimizer', 0],
    ['trainer state', 'checkpoint-6.new/trainer_state', 5],
    ['final adapter', 'adapter/.adapter_model', 6],
  ])('%s', async (name, pattern, newest) => {
    const whole = await trainJob(root, 'whole', OPTIONS);
    if (!readdirSync(root).includes('whole')) await finishJob(whole);
    const job = await trainJob(root, name, OPTIONS);
    const { end } = await runFaulty(job, `full ${pattern}`);
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'DISK-FULL', message: expect.stringContaining(job.outDir) as string } });
    expect((await readdir(job.outDir)).filter((entry) => entry.startsWith('.'))).toEqual([]);
    expect((await latestCheckpoint(job.outDir))?.step ?? 0).toBe(newest);
    for (let step = 1; step <= newest; step++) {
      expect(await filesOf(join(job.outDir, `checkpoint-${step}`), CHECKPOINT_FILES)).toEqual(
        await filesOf(join(whole.outDir, `checkpoint-${step}`), CHECKPOINT_FILES),
      );
    }
  });

  it('the encoded dataset', async () => {
    const job = { ...(await trainJob(root, 'encoding', OPTIONS)), cacheDir: join(root, 'full cache') };
    const { end } = await runFaulty(job, 'full tokens.bin');
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'DISK-FULL', message: expect.stringContaining(job.cacheDir) as string } });
    expect(await readdir(join(job.cacheDir, 'encoded'))).toEqual([]);
  });
});

/** A file system of a few hundred kilobytes; null where this user may not mount one. */
function smallDisk(root: string): string | null {
  const folder = join(root, 'disk');
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  afterAll(() => execFileSync('umount', [folder], { stdio: 'ignore' }));
  return folder;
}

describe('a real full disk (needs the right to mount one)', () => {
  const root = tempFolder();
  const disk = smallDisk(root);

  it.skipIf(disk === null /* mounting a small disk needs root */)(
    'fails the run with DISK-FULL; its newest checkpoint goes on elsewhere as if nothing had been',
    async () => {
      const whole = await trainJob(root, 'whole', OPTIONS);
      await finishJob(whole);
      const job = { ...whole, outDir: join(disk!, 'run') };
      const { final } = await runJob(job);
      expect(final).toMatchObject({ kind: 'failed', error: { code: 'DISK-FULL', message: expect.stringContaining(job.outDir) as string } });
      const from = (await latestCheckpoint(job.outDir))!;
      expect((await readdir(job.outDir)).filter((entry) => entry.startsWith('.'))).toEqual([]);
      const resumed = { ...job, outDir: join(root, 'elsewhere'), resumeFrom: from.path };
      await finishJob(resumed);
      expect(await filesOf(join(resumed.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(whole.outDir, 'adapter'), ADAPTER_FILES));
    },
  );
});
