/** A run that trains every weight: stopped and resumed it is the run that was left alone, its checkpoints are models, and what is exported is what was saved. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import type { TrainJob } from '../../src/main/engine/protocol.ts';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import { filesOf, finishJob, runJob, stepValues, trainJob, type JobOptions, type StepValues } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

const STEPS = 24;
const OPTIONS: JobOptions = {
  model: 'qwen2-tied',
  recipe: { finetuning_type: 'full', max_steps: STEPS, save_steps: 10, per_device_train_batch_size: 2, learning_rate: 1e-3, weight_decay: 0.1 },
};
const MODEL_FILES = ['model.safetensors', 'config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'];

describe('a run that trains every weight', () => {
  const root = tempFolder();
  let whole: TrainJob;
  let steps: readonly StepValues[];

  beforeAll(async () => {
    whole = await trainJob(root, 'whole', OPTIONS);
    const { events, final } = await finishJob(whole);
    expect(final).toMatchObject({ result: { outcome: { kind: 'model', folder: join(whole.outDir, 'model') } } });
    steps = stepValues(events);
  }, 120_000);

  it('stopped and resumed, takes the same steps and leaves the same model, byte for byte', async () => {
    const job = await trainJob(root, 'stopped', OPTIONS);
    let asked = false;
    const { events } = await runJob(job, (event, running) => {
      if (event.kind !== 'metrics' || asked) return;
      asked = true;
      running.stop();
    });
    const from = (await latestCheckpoint(job.outDir))!;
    expect(from.step).toBeLessThan(STEPS);
    expect(stepValues(events)).toEqual(steps.slice(0, from.step));
    expect(stepValues((await finishJob({ ...job, resumeFrom: from.path })).events)).toEqual(steps.slice(from.step));
    expect(await filesOf(join(job.outDir, 'model'), MODEL_FILES)).toEqual(await filesOf(join(whole.outDir, 'model'), MODEL_FILES));
  });

  it('saves checkpoints that open as models, and refuses to go on from one whose model was changed', async () => {
    const { path } = (await latestCheckpoint(whole.outDir))!;
    const { tensors } = await openModel(path);
    expect(await filesOf(path, MODEL_FILES)).toEqual(await filesOf(join(whole.outDir, 'model'), MODEL_FILES));
    const copy = join(root, `damaged/checkpoint-${STEPS}`);
    await cp(path, copy, { recursive: true });
    const weights = await readFile(join(copy, 'model.safetensors'));
    weights[tensors.get('model.norm.weight')!.offset]! ^= 1;
    await writeFile(join(copy, 'model.safetensors'), weights);
    expect((await runJob({ ...whole, outDir: join(root, 'damaged'), resumeFrom: copy })).final).toMatchObject({
      kind: 'failed',
      error: { code: 'CHECKPOINT-DAMAGED', message: expect.stringContaining('model.safetensors was changed') },
    });
  });

  it('is exported as it was saved', async () => {
    const source = { kind: 'model', folder: (await latestCheckpoint(whole.outDir))!.path } as const;
    await finishJob({ kind: 'export', model: whole.recipe.model, source, outDir: join(root, 'exported') });
    expect(await filesOf(join(root, 'exported'), MODEL_FILES)).toEqual(await filesOf(join(whole.outDir, 'model'), MODEL_FILES));
  });
});
