/** Greedy answers and logits processors against transformers' generate (spec 9.1, 9.2). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { Generator } from '../../src/main/engine/generate/generator.ts';
import { filterLogits, penalizeRepetition, softmax, type SamplingSettings } from '../../src/main/engine/generate/sampler.ts';
import { modelStates } from '../../src/main/engine/models/model-states.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { parityFixture } from '../support/fixture.ts';

const greedy: SamplingSettings = { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

const recordSchema = z.object({
  prompt_ids: z.array(z.int()),
  output_ids: z.array(z.int()),
  max_new_tokens: z.int(),
  eos_token_id: z.union([z.int(), z.array(z.int())]),
  repetition_penalty: z.number().optional(),
});

function readFixture<T extends z.ZodType>(name: string, schema: T): z.output<T> {
  return schema.parse(JSON.parse(readFileSync(parityFixture('generation', `${name}.json`), 'utf8')));
}

const MODELS = readdirSync(parityFixture('generation'))
  .filter((file) => file.endsWith('.json') && file !== 'processors.json')
  .map((file) => file.replace('.json', ''));

describe.each(MODELS)('%s', (name) => {
  it('answers greedily as transformers does', async () => {
    const folder = await openModel(parityFixture('models', name));
    const session = await referenceBackend.open();
    await session.addStates(modelStates(folder, 'f32'));
    const generator = await Generator.open(session, folder.model, 'f32', [null]);
    for (const record of readFixture(name, z.array(recordSchema))) {
      const ids: number[] = [];
      const request = {
        prompts: [record.prompt_ids],
        maxNewTokens: record.max_new_tokens,
        sampling: { ...greedy, repetitionPenalty: record.repetition_penalty ?? 1 },
        seed: 0,
        stopIds: new Set([record.eos_token_id].flat()),
      };
      for await (const { id } of generator.generate(request)) ids.push(id);
      expect(ids).toEqual(record.output_ids);
    }
    await session.dispose();
  });
});

const vectorSchema = z.looseObject({
  scores: z.array(z.number()),
  context_ids: z.array(z.int()).optional(),
  repetition_penalty: z.number().optional(),
  temperature: z.number().optional(),
  top_k: z.int().optional(),
  top_p: z.number().optional(),
  min_p: z.number().optional(),
  after: z.array(z.number().nullable()),
  probabilities: z.array(z.number()),
});

describe('logits processors', () => {
  it.each(readFixture('processors', z.array(vectorSchema)).map((vector, i) => [i, vector] as const))('vector %i', (_, vector) => {
    const logits = Float32Array.from(vector.scores);
    if (vector.repetition_penalty !== undefined) penalizeRepetition(logits, vector.context_ids ?? [], vector.repetition_penalty);
    const kept = filterLogits(logits, {
      ...greedy,
      temperature: vector.temperature ?? 1,
      topK: vector.top_k ?? 0,
      topP: vector.top_p ?? 1,
      minP: vector.min_p ?? 0,
    });
    const probabilities = softmax(kept);
    const survivors = vector.after.flatMap((score, id) => (score === null ? [] : [id]));
    expect(kept.map(({ id }) => id).sort((x, y) => x - y)).toEqual(survivors);
    kept.forEach(({ id, logit }, i) => {
      expect(logit).toBeCloseTo(vector.after[id]!, 5);
      expect(probabilities[i]).toBeCloseTo(vector.probabilities[id]!, 5);
    });
  });
});
