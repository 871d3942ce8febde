/** @file A run that was cut off after its second checkpoint, and the whole one that it has to end as. */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainJob } from '../../src/main/engine/protocol.ts';
import type { RunUpdate } from '../../src/main/services/runs/run-update.ts';
import { writeRecipe, writeRecord } from '../../src/main/services/runs/run-folder.ts';
import { resumeRun } from '../../src/main/services/runs/runs.ts';
import type { DataFolder } from '../../src/shared/domain/data-folder.ts';
import type { RunStatus } from '../../src/shared/domain/run.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { ADAPTER_FILES, filesOf, finishJob, trainJob, type JobOptions } from './engine-job.ts';

/** Checkpoints of the whole run: at these steps, the last one of them the end. */
export const SAVED = [3, 6, 9] as const;

export interface ResumedRun {
  /** How it ended; an error where it did not come to be. */
  readonly end: RunStatus | AppError;
  readonly updates: readonly RunUpdate[];
  /** Words of the log, warnings alone. */
  readonly warnings: readonly string[];
  /** Step that it went on from. */
  readonly from: number | null;
  /** Whether its adapter is that of the whole run, byte for byte. */
  readonly isEqual: boolean;
}

export class InterruptedRun {
  readonly whole: TrainJob;
  readonly #root: string;
  #copies = 0;

  private constructor(root: string, whole: TrainJob) {
    this.#root = root;
    this.whole = whole;
  }

  static async make(root: string, options: JobOptions = {}): Promise<InterruptedRun> {
    const whole = await trainJob(root, 'whole', {
      ...options,
      recipe: { max_steps: SAVED[2], save_steps: SAVED[0], save_total_limit: null, ...options.recipe },
    });
    await finishJob(whole);
    return new InterruptedRun(root, whole);
  }

  /** A copy of the run as it was when it had saved its second checkpoint. */
  async copy(): Promise<string> {
    const dir = join(this.#root, `cut off ${(this.#copies += 1)}`);
    await cp(this.whole.outDir, dir, { recursive: true });
    for (const name of ['adapter', `checkpoint-${SAVED[2]}`]) await rm(join(dir, name), { recursive: true });
    await writeRecipe(dir, this.whole.recipe);
    await writeRecord(dir, {
      status: { kind: 'stopped', resumeFrom: SAVED[1] },
      device: 'cpu',
      threads: 1,
      rows: this.whole.rows,
      hostPid: 1,
      enginePid: null,
    });
    await writeFile(join(dir, 'events.jsonl'), '');
    return dir;
  }

  async resume(dir: string): Promise<ResumedRun> {
    const data: DataFolder = { root: this.#root, datasets: join(this.#root, 'datasets'), runs: join(this.#root, 'runs'), cache: this.whole.cacheDir };
    const updates: RunUpdate[] = [];
    const end = await resumeRun(dir, 'cpu', data, (update) => updates.push(update)).ended.catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    });
    const adapters = await Promise.all(
      [dir, this.whole.outDir].map((run) =>
        filesOf(join(run, 'adapter'), ADAPTER_FILES).then(
          (files) => JSON.stringify(files),
          () => null,
        ),
      ),
    );
    const started = updates.find((update) => update.kind === 'run');
    return {
      end,
      updates,
      warnings: updates.flatMap((update) => (update.kind === 'log' && update.level === 'warning' ? [update.message] : [])),
      from: started?.kind === 'run' ? started.resumedFrom : null,
      isEqual: adapters[0] !== null && adapters[0] === adapters[1],
    };
  }
}
