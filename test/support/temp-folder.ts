import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A fresh folder for one test file, removed when its tests have run. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tunesmith-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
