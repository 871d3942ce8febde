import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { trainJob } from '../support/engine-job.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('an engine that stays does not outlive a host that dies', async () => {
  const root = tempFolder();
  const { recipe, rows, cacheDir } = await trainJob(root, 'unused');
  const file = join(root, 'ask.json');
  await writeFile(file, JSON.stringify({ kind: 'preview', device: 'reference', threads: null, cacheDir, recipe, rows, first: 0, count: 1 }));
  const { stdout, signal, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../support/dying-resident-host.ts'), file], {
    encoding: 'utf8',
  });
  expect(signal, stderr).toBe('SIGKILL');
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(0);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { timeout: 20_000 });
});
