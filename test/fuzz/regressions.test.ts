/**
 * @file Everything in the corpus and everything that fuzzing once found is read again: answered or refused by an AppError, in seconds, in little
 * memory, and with nothing written beside its folder. Then a short round of new inputs with a fixed seed.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../support/test-folder.ts';
import { findingsOf } from './minimise.ts';
import { nameOf, runRound } from './round.ts';
import { TARGETS } from './targets.ts';

it.each(Object.keys(TARGETS))('%s: all that is known and a short round of what is new is read or refused', async (target) => {
  const wanted = Math.min(300, (TARGETS[target]!.explores ?? 3000) / 4);
  const { inputs, findings } = await runRound({ target, seed: 20_261_125, inputs: wanted, until: null, explores: false });
  expect(findings.map((finding) => [nameOf(finding), finding.detail.slice(0, 500), finding.input.toString('base64').slice(0, 2000)])).toEqual([]);
  expect(inputs).toBe(wanted);
});

it.each(['hang', 'outside', 'error', 'abort', 'memory'] as const)('the net holds: %s is found', async (fault) => {
  const file = join(await testFolder(), fault);
  await writeFile(file, fault);
  expect((await findingsOf('faulty', [file])).map(({ kind }) => kind)).toEqual([fault]);
});
