import { expect, test } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { llamaModel } from './llama/build.ts';
import type { LlamaConfig } from './llama/config.ts';
import { openModel } from './open-model.ts';
import { refuseBeyondLimit } from './position-limit.ts';

test('rope type "dynamic" is followed up to the model\'s own length, and refused beyond it', async () => {
  const { model } = await openModel(parityFixture('models', 'llama-tied'));
  const config = model.config as LlamaConfig;
  const dynamic = llamaModel({ ...config, rope: { ...config.rope, scaling: { kind: 'dynamic', factor: 2 } } });
  const { context } = model.sizes;
  expect(() => refuseBeyondLimit(dynamic, context, '')).not.toThrow();
  expect(() => refuseBeyondLimit(model, context + 1, '')).not.toThrow();
  expect(() => refuseBeyondLimit(dynamic, context + 1, 'Set max_length.')).toThrow(/512 positions.*513 tokens/);
});
