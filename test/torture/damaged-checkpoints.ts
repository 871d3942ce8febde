/** @file A run is cut off, its newest checkpoint is damaged, and it is gone on with: from the newest good one, with a word about the bad one. */
import { join } from 'node:path';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import { CHECKPOINT_DAMAGES } from '../support/damaged-checkpoint.ts';
import { end, type Lab, lastWordsOf } from './lab.ts';
import { between, equal, type Harm, type Outcome, said, seconds, wrong } from './trial.ts';

export const damagedCheckpoints: Harm = {
  name: 'damaged checkpoints',
  unavailable: () => null,
  // Every kind in turn, so that few trials already see many kinds.
  trials: (count, random) => Array.from({ length: count }, (_, index) => {
    const damage = CHECKPOINT_DAMAGES[index % CHECKPOINT_DAMAGES.length]!;
    const at = between(random, 60, 90) / 100;
    return { name: `${damage.name}, cut off at ${Math.round(at * 100)} %`, run: (lab) => damageAndResume(lab, damage, at) };
  }),
};

async function damageAndResume(lab: Lab, damage: (typeof CHECKPOINT_DAMAGES)[number], at: number): Promise<Outcome> {
  const place = lab.newPlace();
  const running = lab.train(place);
  await seconds(at * lab.usual);
  process.kill(-running.child.pid!, 'SIGKILL');
  await running.ended;
  const newest = await latestCheckpoint(place.out).catch(() => null);
  if (newest === null) return equal('cut off before its first checkpoint: nothing to damage');
  await damage.make(newest.path);
  const ended = await end(lab.resume(place));
  if (ended.hung !== null) return wrong(ended.hung);
  const words = `${ended.stdout} ${ended.stderr}`;
  const named = words.includes(`checkpoint-${newest.step}`);
  if (ended.code !== 0) return named ? said(lastWordsOf(ended)) : wrong(`ended with ${ended.code}: ${lastWordsOf(ended)}`);
  if (!named) return wrong('went on without a word about the damage');
  return lab.compare(place, [join(place.out, damage.name)]);
}
