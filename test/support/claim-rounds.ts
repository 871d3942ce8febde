/** @file Claims the run in the folder it is given once in each round, at the moment that is agreed on by the clock; prints the rounds it has won. */
import { setTimeout as delay } from 'node:timers/promises';
import { RunClaim } from '../../src/main/services/runs/run-owner.ts';

const [dir = '', start = '', rounds = ''] = process.argv.slice(2);
const ROUND = 200;
/** Milliseconds after the moment in which a round is taken part in: who comes later, on a busy machine, might find it over. */
const LATE = 50;
const won: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const at = Number(start) + round * ROUND;
  await delay(Math.max(0, at - Date.now() - 5));
  while (Date.now() < at) continue;
  if (Date.now() > at + LATE) continue;
  const claim = RunClaim.tryTake(dir);
  if (claim === null) continue;
  won.push(round);
  await delay(at + ROUND - LATE - Date.now());
  claim.release();
}
process.stdout.write(JSON.stringify(won));
