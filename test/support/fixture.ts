import { join } from 'node:path';

/** Path of a committed fixture of test/parity, made by scripts/golden. */
export function parityFixture(...names: readonly string[]): string {
  return join(import.meta.dirname, '..', 'parity', 'fixtures', ...names);
}
