import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { openModel } from './open-model.ts';

// Written down from the commit before families owned their configuration: a checkpoint of that time holds such a hash, and resuming compares it.
test.each([
  ['llama-tied', '9f63e64dd7c0725f4c58d23074541a2cf8562cf0b0d6102375014f6ec393d296'],
  ['llama-untied', '35fab91ff557fe4dc1bd430122bab46d59642525082efc46e7e61c05da7dd1b6'],
  ['qwen2-tied', 'bf2d370484a32fd5b37aa7f828cfc3d393cd92d38bd7abe9a942c4001212746f'],
  ['qwen2-untied', 'caf47d576a406d7ca54ca2bfeeaf19748b27c30c247e8443c5cc615232bd3f2c'],
])('a checkpoint of an earlier version knows the configuration of %s again', async (name, seal) => {
  const { model } = await openModel(parityFixture('models', name));
  expect(createHash('sha256').update(canonicalJson(model.config)).digest('hex')).toBe(seal);
});
