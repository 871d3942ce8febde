import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Path of a committed fixture of test/parity, made by scripts/golden. */
export function parityFixture(...names: readonly string[]): string {
  return join(import.meta.dirname, '..', 'parity', 'fixtures', ...names);
}

/** Names of the cases in a folder of fixtures: folders that hold all these files. What a generator adds is tested without being listed. */
export function parityCases(folder: string, ...files: readonly string[]): readonly string[] {
  const names = readdirSync(parityFixture(folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return names.filter((name) => files.every((file) => existsSync(parityFixture(folder, name, file))));
}
