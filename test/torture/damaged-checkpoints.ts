/** @file A run is cut off, its newest checkpoint is damaged, and it is gone on with: from the newest good one, with a word about the bad one. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKPOINT_DAMAGE, type CheckpointDamage } from '../support/damaged-checkpoints.ts';
import { killTree } from '../support/run-cli.ts';
import { end, type Lab, lastWordsOf } from './lab.ts';
import { between, equal, type Harm, type Moment, type Outcome, said, toldOf, wrong } from './trial.ts';

export const damagedCheckpoints: Harm = {
  name: 'damaged checkpoints',
  unavailable: () => null,
  // Kinds far from each other in the table first, so that few trials see many; as many as there are see each.
  trials: (count, random) =>
    Array.from({ length: count }, (_, index) => {
      const damage = CHECKPOINT_DAMAGE[(index * STRIDE) % CHECKPOINT_DAMAGE.length]!;
      const at = { steps: between(random, 30, 90) / 100, later: 0 };
      return { name: `${damage.name}, cut off at ${toldOf(at)}`, run: (lab) => damageAndResume(lab, damage, at) };
    }),
};

/** A prime that does not divide the table's length. */
const STRIDE = 7;

async function damageAndResume(lab: Lab, damage: CheckpointDamage, at: Moment): Promise<Outcome> {
  const place = lab.newPlace();
  const running = lab.train(place);
  if (!(await lab.at(running, at))) return wrong(`could not be cut off at ${toldOf(at)}`);
  killTree(running);
  await running.ended;
  const [earlier, newest] = await twoCheckpointsOf(place.out);
  if (newest === undefined) return equal('cut off before its second checkpoint: nothing to damage');
  await damage.damage(join(place.out, newest), join(place.out, earlier!));
  const ended = await end(lab.resume(place));
  if (ended.hung !== null) return wrong(ended.hung);
  const words = `${ended.stdout} ${ended.stderr}`;
  const named = words.includes(newest);
  if (ended.code !== 0) return named ? said(lastWordsOf(ended)) : wrong(`ended with ${ended.code}: ${lastWordsOf(ended)}`);
  if (!named) return wrong('went on without a word about the damage');
  return lab.compare(place);
}

/** Names of the newest checkpoint and the one before it; empty where there are fewer. */
async function twoCheckpointsOf(out: string): Promise<readonly string[]> {
  const steps = (await readdir(out))
    .flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  return steps.length < 2 ? [] : steps.slice(-2).map((step) => `checkpoint-${step}`);
}
