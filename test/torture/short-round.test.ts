/** A short round of `npm run torture` in every test: a few of each harm, drawn anew each day, so that the seed in a failure's name repeats it. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { HARMS, type HarmName } from './harms.ts';
import { Lab } from './lab.ts';
import { torture } from './torture.ts';

const COUNTS: Readonly<Record<HarmName, number>> = { kills: 4, disks: 2, damages: 4, owners: 1, locks: 1, clocks: 1 };
const seed = Math.floor(Date.now() / 86_400_000);

describe(`torture, seed ${seed}`, () => {
  const folder = tempFolder();

  it('every run that was harmed ends bit for bit as the one that was left alone, or says what is wrong', async () => {
    const lab = await Lab.open(folder);
    const lines: string[] = [];
    for (const [name, count] of Object.entries(COUNTS)) {
      const report = await torture(lab, HARMS[name as HarmName], count, { random: seededRandom(seed), beside: 1, tell: (line) => lines.push(line) });
      expect(report.wrong, lines.join('\n')).toBe(0);
      // A harm that did nothing would find nothing.
      if (report.unavailable === null) expect(report.trials).toBe(count);
    }
  });
});
