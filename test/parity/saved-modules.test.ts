/**
 * Adapters with modules trained whole beside them (`lora.modules_to_save`) against TRL 1.13 + PEFT 0.21, through the command line: ten steps from
 * the same adapter, loss to 1e-5, every tensor to 1e-4 and under PEFT's names; and PEFT's adapter, asked here beside the base, gives its logits.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPeftAdapter } from '../../src/main/engine/adapters/peft-adapter.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { ownTables, stackedRanks, stackedStates, type Columns } from '../../src/main/engine/generate/columns.ts';
import { loadColumn } from '../../src/main/engine/generate/loaded-model.ts';
import { buildPrefill, cacheName, cacheType, type GenerationPlan } from '../../src/main/engine/generate/programs.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { openSafetensors, readTensorF32 } from '../../src/main/engine/weights/safetensors.ts';
import { parityCases, parityFixture } from '../support/fixture.ts';
import { expectSteps, goldenIds, goldenSteps, relativeNorm, trainFixture } from '../support/parity-run.ts';
import { testFolder } from '../support/test-folder.ts';

const recipeSchema = z.looseObject({ model: z.string(), lora: z.looseObject({ modules_to_save: z.array(z.string()) }) });

describe.each(parityCases('saved-modules'))('%s', (name) => {
  const fixture = (...path: string[]) => parityFixture('saved-modules', name, ...path);
  const recipe = recipeSchema.parse(JSON.parse(readFileSync(fixture('recipe.json'), 'utf8')));

  it('follows TRL step by step and ends at its adapter', async () => {
    const folder = await testFolder();
    expectSteps(trainFixture(['saved-modules', name], folder), goldenSteps(['saved-modules', name]));
    const ours = (await openSafetensors(join(folder, 'run/adapter/adapter_model.safetensors'))).tensors;
    const theirs = (await openSafetensors(fixture('final-adapter/adapter_model.safetensors'))).tensors;
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    for (const [tensor, info] of theirs)
      expect(relativeNorm(await readTensorF32(ours.get(tensor)!), await readTensorF32(info)), tensor).toBeLessThan(1e-4);
    const config = JSON.parse(readFileSync(join(folder, 'run/adapter/adapter_config.json'), 'utf8')) as { modules_to_save: string[] };
    expect(config.modules_to_save.toSorted()).toEqual(recipe.lora.modules_to_save.toSorted());
  });

  it("PEFT's tuned adapter gives PEFT's logits beside the base", async () => {
    const folder = await openModel(fixture(recipe.model));
    const golden = (await openSafetensors(fixture('tuned.safetensors'))).tensors;
    const [rows, tokens] = golden.get('input_ids')!.shape as [number, number];
    const ids = await goldenIds(golden.get('input_ids')!);
    const { adapter } = await loadColumn(fixture('final-adapter'), folder);
    // Row 0 tuned, row 1 the base.
    const columns: Columns = [adapter, null];
    const plan: GenerationPlan = {
      model: folder.model,
      dtype: 'f32',
      rows: 2,
      capacity: 32,
      ranks: stackedRanks(columns),
      ownTables: ownTables(columns),
    };
    const session = await referenceBackend.open();
    await session.addStates([...modelStates(folder, 'f32'), ...stackedStates(plan, columns)]);
    await session.addStates(
      Array.from({ length: folder.model.sizes.layers }).flatMap((_, layer) =>
        (['k', 'v'] as const).map((side) => ({
          name: cacheName(layer, side),
          type: cacheType(plan),
          role: 'variable' as const,
          source: { kind: 'zeros' as const },
        })),
      ),
    );
    const program = await session.compile(buildPrefill(plan, tokens));
    const width = folder.model.sizes.vocabSize;
    const want = await readTensorF32(golden.get('logits')!);
    for (let row = 0; row < rows; row++) {
      const prompt = ids.subarray(row * tokens, (row + 1) * tokens);
      const { logits } = await program.run({
        ids: { dtype: 'i32', shape: [2, tokens], data: Int32Array.from([...prompt, ...prompt]) },
        lengths: { dtype: 'i32', shape: [2], data: Int32Array.of(tokens, tokens) },
      });
      const [tuned, base] = [0, 1].map((column) => (logits!.data as Float32Array).slice(column * width, (column + 1) * width));
      const last = want.slice(((row + 1) * tokens - 1) * width, (row + 1) * tokens * width);
      expect(relativeNorm(tuned!, last)).toBeLessThan(1e-5);
      expect(relativeNorm(base!, last)).toBeGreaterThan(0.01);
    }
  });

  it('is read as PEFT wrote it, and for the modules that it names', async () => {
    const { model } = await openModel(fixture(recipe.model));
    const { modules, config } = await readPeftAdapter(fixture('final-adapter'), model.linears, Object.values(model.tables));
    expect([...modules!.keys()].map((path) => path.split('.').at(-1)!).sort()).toEqual(recipe.lora.modules_to_save.toSorted());
    expect(config.modulesToSave?.toSorted()).toEqual(recipe.lora.modules_to_save.toSorted());
    await expect(readPeftAdapter(fixture('final-adapter'), model.linears, [])).rejects.toThrow(/modules_to_save/);
  });
});
