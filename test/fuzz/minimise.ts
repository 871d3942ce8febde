/** @file A finding made small: what can be left out of an input while the same thing is found. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf } from './round.ts';
import { scratchFolder } from './scratch.ts';
import { runSlice, type Finding } from './slice.ts';

/** Each trial is a process. */
const TRIALS = 24;

export async function minimised(finding: Finding): Promise<Buffer> {
  let best = finding.input;
  let trials = 0;
  // A hang takes its ten seconds each time.
  const most = finding.kind === 'hang' ? 6 : TRIALS;
  for (let part = Math.ceil(best.length / 2); part >= 1 && trials < most; part = Math.floor(part / 2)) {
    for (let at = 0; at < best.length && trials < most;) {
      const smaller = Buffer.concat([best.subarray(0, at), best.subarray(at + part)]);
      trials++;
      if (await isFoundAgain(finding, smaller)) best = smaller;
      else at += part;
    }
  }
  return best;
}

export async function isFoundAgain(finding: Finding, input: Buffer): Promise<boolean> {
  const root = await scratchFolder('one');
  const file = join(root, 'input');
  await writeFile(file, input);
  const findings = await findingsOf(finding.target, [file]);
  await rm(root, { recursive: true, force: true });
  return findings.some((each) => nameOf(each) === nameOf(finding));
}

/** What files, unchanged, come to in a process of their own. */
export async function findingsOf(target: string, files: readonly string[]): Promise<readonly Finding[]> {
  const root = await scratchFolder('known');
  const { findings } = await runSlice({ target, seed: 1, inputs: 0, corpus: files, folder: join(root, 'slice'), explores: false, until: null });
  await rm(root, { recursive: true, force: true });
  return findings;
}
