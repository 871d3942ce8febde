import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { listCheckpoints, openRunFolder } from '../../src/main/services/runs/run-folder.ts';
import { parityFixture } from '../support/fixture.ts';
import { eventsOf, startCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

const RECIPE = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');
const FAULT = join(import.meta.dirname, '..', 'support', 'host-fault.ts');

it.each(['throw', 'reject'])('an error that nobody catches (%s) is told, and what trains is saved as it is when asked to stop', async (kind) => {
  const folder = await testFolder();
  vi.stubEnv('NODE_OPTIONS', `--import ${FAULT}`);
  vi.stubEnv('HOST_FAULT', kind);
  vi.stubEnv('HOST_FAULT_AT', join(folder, 'now'));
  const out = join(folder, 'run');
  const cli = startCli(
    [
      'train',
      '--recipe',
      RECIPE,
      '--set',
      'max_steps=5000',
      '--set',
      'save_steps=5000',
      '--device',
      'cpu',
      '--threads',
      '1',
      '--data',
      join(folder, 'data'),
      '--out',
      out,
      '--json',
    ],
    ({ kind: event, step }) => {
      if (event === 'step' && step === 10) writeFileSync(join(folder, 'now'), '');
    },
  );
  vi.unstubAllEnvs();
  const result = await cli.ended;
  expect(result.code).not.toBe(0);
  expect(result.stderr).toMatch(/Something went wrong inside Tunesmith: nobody expected this\. What runs is saved/);
  const [stopped] = eventsOf(result, 'stopped');
  expect(stopped).toBeDefined();
  expect((await openRunFolder(out)).record.status).toMatchObject({ kind: 'stopped', resumeFrom: stopped!['step'] });
  expect((await listCheckpoints(out)).map(({ step }) => step)).toEqual([stopped!['step']]);
});
