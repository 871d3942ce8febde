/** The rows of every micro-batch, or the packs, and what they hold, are those of TRL's runs (test/parity/fixtures/training). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { DataCursor } from '../../src/main/engine/data/cursor.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { loadTokenizer } from '../../src/main/engine/text/tokenizer/tokenizer.ts';
import { examplesOf, openTrainingData, TrainingData } from '../../src/main/engine/train/training-data.ts';
import { parseRecipe } from '../../src/shared/domain/recipe/parse.ts';
import { parityCases, parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

const CASES = parityCases('training', 'recipe.json', 'final-adapter/adapter_model.safetensors');
const stepsSchema = z.object({ steps: z.array(z.object({ micro_batches: z.array(z.array(z.int())) })) });
const rowSchema = z.object({ input_ids: z.array(z.int()), labels: z.array(z.int()), seq_lengths: z.array(z.int()).optional() });

describe.each(CASES)('%s', (name) => {
  it('encodes the same rows and takes them in the same order', async () => {
    const folder = parityFixture('training', name);
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    const { recipe: parsed } = parseRecipe(JSON.parse(read('recipe.json')), 'recipe.json');
    const recipe = { ...parsed, model: join(folder, parsed.model) };
    const root = await testFolder();
    const { file, contentHash } = await importDataset({ file: join(folder, recipe.dataset.file), outDir: join(root, 'rows') });
    const { model } = await openModel(recipe.model);
    const job = {
      kind: 'train',
      device: 'reference',
      threads: null,
      cacheDir: root,
      recipe,
      rows: { file, contentHash },
      outDir: root,
      resumeFrom: null,
    } as const;
    const context = { backend: referenceBackend, emit: () => undefined, flush: () => undefined, stop: new AbortController().signal };
    const dataset = await openTrainingData(job, await loadTokenizer(recipe.model), model, context);
    try {
      const examples = examplesOf(dataset, recipe, model);
      const rows = await Promise.all(Array.from({ length: examples.count }, (_, row) => examples.read(row)));
      const want = read('encoded.jsonl')
        .trim()
        .split('\n')
        .map((line) => rowSchema.parse(JSON.parse(line)));
      expect(
        rows.map(({ inputIds, labels, segments }) => ({
          input_ids: [...inputIds],
          labels: [...labels],
          ...(segments ? { seq_lengths: segments } : {}),
        })),
      ).toEqual(want);
      const cursor = new DataCursor({
        rows: examples.count,
        perDeviceTrainBatchSize: recipe.per_device_train_batch_size,
        gradientAccumulationSteps: recipe.gradient_accumulation_steps,
        seed: recipe.seed,
      });
      for (const { micro_batches: microBatches } of stepsSchema.parse(JSON.parse(read('steps.json'))).steps) {
        expect(cursor.next().microBatches.map((batch) => [...batch])).toEqual(microBatches);
      }
      // A pad token that the embedding lacks must not reach a program: "index out of bounds" in the middle of a run.
      const { batches } = await new TrainingData(examples, recipe, model, model.sizes.vocabSize, { epoch: 0, microBatch: 0 }).next();
      for (const { ids } of batches) expect(Math.max(...ids)).toBeLessThan(model.sizes.vocabSize);
    } finally {
      await dataset.close();
    }
  });
});
