/** A run whose layers are computed again for their backward pass is the run that keeps everything. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADAPTER_FILES, filesOf, finishJob, stepValues, trainJob } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const OPTIONS = { max_steps: 4, lora: { r: 4, lora_alpha: 8, lora_dropout: 0.1 } } as const;

it.each(['llama-tied', 'qwen2-tied'])('%s: the same metrics and the same adapter, dropout and all', async (model) => {
  const [kept, again] = await Promise.all(
    (['none', 'per_layer'] as const).map(async (how) => {
      const job = await trainJob(root, `${model}-${how}`, { model, recipe: { ...OPTIONS, gradient_checkpointing: how } });
      const { events } = await finishJob(job);
      return { values: stepValues(events), files: await filesOf(join(job.outDir, 'checkpoint-4'), ADAPTER_FILES) };
    }),
  );
  expect(again!.values).toEqual(kept!.values);
  expect(again!.files).toEqual(kept!.files);
});
