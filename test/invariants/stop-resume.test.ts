/** A run that was stopped, by its host or because its host is gone, and resumed is the run that was left alone: bit for bit. */
import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, TrainJob } from '../../src/main/engine/protocol.ts';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import { ADAPTER_FILES, filesOf, finishJob, runJob, stepValues, trainJob, type JobOptions, type StepValues } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Enough steps that a run is still under way when the word to stop arrives. */
const STEPS = 150;
const OPTIONS: JobOptions = {
  recipe: {
    max_steps: STEPS,
    save_steps: 1000,
    per_device_train_batch_size: 2,
    gradient_accumulation_steps: 2,
    lora: { r: 2, lora_dropout: 0.1, target_modules: ['q_proj', 'down_proj'] },
  },
};

describe('a stopped run, resumed', () => {
  const root = tempFolder();
  let whole: TrainJob;
  let steps: readonly StepValues[];

  beforeAll(async () => {
    whole = await trainJob(root, 'whole', OPTIONS);
    steps = stepValues((await finishJob(whole)).events);
  }, 120_000);

  async function resumesAs(job: TrainJob, told: readonly EngineEvent[]): Promise<void> {
    const from = (await latestCheckpoint(job.outDir))!;
    expect(stepValues(told)).toEqual(steps.slice(0, from.step));
    const { events } = await finishJob({ ...job, resumeFrom: from.path });
    expect(stepValues(events)).toEqual(steps.slice(from.step));
    expect(await filesOf(join(job.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(whole.outDir, 'adapter'), ADAPTER_FILES));
  }

  it('told to stop while it steps', async () => {
    const job = await trainJob(root, 'stopped', OPTIONS);
    let asked = false;
    const { events, final } = await runJob(job, (event, running) => {
      if (event.kind !== 'metrics' || asked) return;
      asked = true;
      running.stop();
    });
    const newest = await latestCheckpoint(job.outDir);
    expect(final).toEqual({ kind: 'stopped', step: newest?.step, checkpoint: newest?.path });
    expect(newest!.step).toBeLessThan(STEPS);
    await resumesAs(job, events);
  });

  it('told to stop before its first step: what it does is saved', async () => {
    const job = await trainJob(root, 'stopped early', OPTIONS);
    const { events, final } = await runJob(job, (event, running) => event.kind === 'dataset' && running.stop());
    expect(final.kind).toBe('stopped');
    await resumesAs(job, events);
  });

  it('told to stop while it encodes: nothing to save, nothing left behind', async () => {
    const job = { ...(await trainJob(root, 'stopped at once', OPTIONS)), cacheDir: join(root, 'fresh cache') };
    const { final } = await runJob(job, (event, running) => event.kind === 'ready' && running.stop());
    expect(final).toEqual({ kind: 'stopped', step: 0, checkpoint: null });
    expect(await readdir(join(job.cacheDir, 'encoded'))).toEqual([]);
  });

  it('left by a host that died', async () => {
    const job = await trainJob(root, 'orphan', OPTIONS);
    const file = join(root, 'job.json');
    await writeFile(file, JSON.stringify(job));
    const { stdout, signal, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../support/dying-host.ts'), file], {
      encoding: 'utf8',
    });
    expect(signal, stderr).toBe('SIGKILL');
    await gone(Number(stdout));
    const from = (await latestCheckpoint(job.outDir))!;
    await resumesAs(job, [{ kind: 'metrics', steps: steps.slice(0, from.step).map(({ step, ...values }) => ({ step, values })) }]);
  });
});

/** Waits until there is no such process; it is nobody's child here any more. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ESRCH' });
      return;
    }
    await sleep(20);
  }
}
