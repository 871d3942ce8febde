import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADAPTER_FILES, CHECKPOINT_FILES, filesOf, finishJob, stepValues, trainJob, type JobOptions } from '../support/engine-job.ts';
import { testFolder } from '../support/test-folder.ts';

const cases: readonly (readonly [string, JobOptions])[] = [
  ['prompt and completion, with dropout', { recipe: { lora: { r: 4, lora_dropout: 0.2 } } }],
  [
    'conversations on Qwen2, accumulated',
    { model: 'qwen2-untied', dataset: 'messages.jsonl', recipe: { per_device_train_batch_size: 2, gradient_accumulation_steps: 2 } },
  ],
];

describe('a run, done again', () => {
  it.each(cases)('is the same to the last bit: %s', async (_name, options) => {
    const root = await testFolder();
    const [first, second] = [await trainJob(root, 'first', options), await trainJob(root, 'second', options)];
    const runs = [await finishJob(first), await finishJob(second)];
    expect(stepValues(runs[1]!.events)).toEqual(stepValues(runs[0]!.events));
    expect(stepValues(runs[0]!.events)).toHaveLength(8);
    expect(await filesOf(join(second.outDir, 'adapter'), ADAPTER_FILES)).toEqual(await filesOf(join(first.outDir, 'adapter'), ADAPTER_FILES));
    expect(await filesOf(join(second.outDir, 'checkpoint-8'), CHECKPOINT_FILES)).toEqual(
      await filesOf(join(first.outDir, 'checkpoint-8'), CHECKPOINT_FILES),
    );
  });
});
