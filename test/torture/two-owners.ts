/** @file One run, two who go on with it at the same moment: one does, the other is told who has it. */
import { killTree } from '../support/run-cli.ts';
import { end, type Lab, lastWordsOf } from './lab.ts';
import { between, type Harm, type Outcome, seconds, wrong } from './trial.ts';

export const twoOwners: Harm = {
  name: 'two owners',
  unavailable: () => null,
  trials: (count, random) =>
    Array.from({ length: count }, () => {
      const gap = between(random, 0, 40) / 100;
      return { name: `${gap} s apart`, run: (lab) => race(lab, gap) };
    }),
};

async function race(lab: Lab, gap: number): Promise<Outcome> {
  const place = lab.newPlace();
  const running = lab.train(place);
  await lab.at(running, { steps: 0.3, later: 0 });
  killTree(running);
  await running.ended;
  const one = lab.resume(place);
  await seconds(gap);
  const other = lab.resume(place);
  const ends = await Promise.all([end(one), end(other)]);
  const done = ends.filter(({ code }) => code === 0);
  const refused = ends.filter(({ code }) => code !== 0);
  if (done.length === 0) return wrong(`neither went on: ${refused.map(lastWordsOf).join(' | ')}`);
  // The second may come when the first has ended, and is told so.
  if (done.every(({ events }) => events.some(({ kind }) => kind === 'step')) && done.length > 1) return wrong('both went on with one run');
  for (const each of refused) if (!/at work|running|in use|process/i.test(lastWordsOf(each))) return wrong(`refused with: ${lastWordsOf(each)}`);
  return lab.compare(place, refused.map(lastWordsOf));
}
