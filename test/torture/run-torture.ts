/**
 * @file `npm run torture -- [--kills N] [--disks N] [--damages N] [--owners N] [--locks N] [--clocks N] [--seed S]`: runs are harmed in
 * every way that a machine has, gone on with, and compared bit for bit with one that was left alone. The same seed draws the same harm;
 * moments are shares of the time that a run takes here. CONTRIBUTING.md says when to run it.
 */
import { parseArgs } from 'node:util';
import { availableParallelism, tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { HARMS, type HarmName } from './harms.ts';
import { Lab } from './lab.ts';
import { torture, type Report } from './torture.ts';

const USUAL: Readonly<Record<HarmName, number>> = { kills: 200, disks: 20, damages: 20, owners: 20, locks: 5, clocks: 5 };
const names = Object.keys(USUAL) as readonly HarmName[];
const { values } = parseArgs({
  options: { ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])), seed: { type: 'string' }, beside: { type: 'string' } },
});
const given = values as Readonly<Partial<Record<HarmName | 'seed' | 'beside', string>>>;
const chosen = names.some((name) => given[name] !== undefined);
const seed = Number(given.seed ?? Date.now() % 1_000_000);
const counts = Object.fromEntries(names.map((name) => [name, Number(given[name] ?? (chosen ? 0 : USUAL[name]))])) as Record<HarmName, number>;

console.log(`seed ${seed}`);
const folder = await mkdtemp(join(tmpdir(), 'tunesmith-torture-'));
const reports: Report[] = [];
try {
  const lab = await Lab.open(folder);
  for (const name of names) {
    if (counts[name] > 0)
      reports.push(
        await torture(lab, HARMS[name], counts[name], {
          random: seededRandom(seed),
          beside: Number(given.beside ?? availableParallelism()),
          tell: console.log,
        }),
      );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(
  [
    '',
    'harm | trials | bitwise equal | said what is wrong | WRONG',
    ...reports.map(({ name, trials, equal, said, wrong, unavailable }) =>
      unavailable === null ? `${name} | ${trials} | ${equal} | ${said} | ${wrong}` : `${name} | not done: ${unavailable}`,
    ),
  ].join('\n'),
);
process.exitCode = reports.some(({ wrong }) => wrong > 0) ? 1 : 0;
