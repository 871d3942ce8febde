/** @file Another process holds the registry's write lock for longer than anyone waits, at a random moment of a run. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { end, type Lab, lastWordsOf } from './lab.ts';
import { between, type Harm, type Moment, type Outcome, seconds, toldOf, wrong } from './trial.ts';

export const lockedRegistry: Harm = {
  name: 'locked registry',
  unavailable: () => null,
  trials: (count, random) =>
    Array.from({ length: count }, () => {
      const [at, held] = [{ steps: between(random, 0, 90) / 100, later: 0 }, between(random, 2, 15)];
      return { name: `${held} s from ${toldOf(at)}`, run: (lab) => hold(lab, at, held) };
    }),
};

async function hold(lab: Lab, at: Moment, held: number): Promise<Outcome> {
  // A registry of its own, since other trials are at work beside this one.
  const fresh = lab.newPlace();
  const place = { ...fresh, data: `${fresh.out}-data` };
  const running = lab.train(place);
  await lab.at(running, at);
  const registry = new Database(join(place.data, 'registry.sqlite'), { timeout: 5000 });
  registry.exec('BEGIN IMMEDIATE');
  await seconds(held);
  registry.exec('ROLLBACK');
  registry.close();
  const ended = await end(running);
  if (ended.hung !== null) return wrong(ended.hung);
  return ended.code === 0 ? lab.compare(place) : wrong(`ended with ${ended.code}: ${lastWordsOf(ended)}`);
}
