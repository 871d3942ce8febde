import { expect, test } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { refuseBeyondDynamic } from './dynamic-rope.ts';
import { openModel } from './open-model.ts';

test('rope type "dynamic" is followed up to the model\'s own length, and refused beyond it', async () => {
  const { config } = await openModel(parityFixture('models', 'llama-tied'));
  const dynamic = { ...config, rope: { ...config.rope, scaling: { kind: 'dynamic', factor: 2 } } } as const;
  expect(() => refuseBeyondDynamic(dynamic, config.maxPositionEmbeddings, '')).not.toThrow();
  expect(() => refuseBeyondDynamic(config, config.maxPositionEmbeddings + 1, '')).not.toThrow();
  expect(() => refuseBeyondDynamic(dynamic, config.maxPositionEmbeddings + 1, 'Set max_length.')).toThrow(/512 positions.*513 tokens/);
});
