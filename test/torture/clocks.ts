/** @file The wall clock is set back or forward while a run is at work: nothing that matters may go by it. */
import { end, type Lab, lastWordsOf } from './lab.ts';
import { between, type Harm, type Outcome, pick, wrong } from './trial.ts';

export const clocks: Harm = {
  name: 'clocks',
  unavailable: () => null,
  trials: (count, random) =>
    Array.from({ length: count }, () => {
      const [after, by] = [between(random, 0, 30) / 10, pick(random, [-86_400, -3600, -60, 3600, 31_536_000])];
      return { name: `by ${by} s after ${after} s`, run: (lab) => turn(lab, after, by) };
    }),
};

async function turn(lab: Lab, after: number, by: number): Promise<Outcome> {
  const place = lab.newPlace();
  const shim = `--import=${new URL('turned-clock.ts', import.meta.url).href}`;
  const running = lab.train(place, { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${shim}`, TURNED_CLOCK: `${after} ${by}` });
  const ended = await end(running);
  if (ended.hung !== null) return wrong(ended.hung);
  return ended.code === 0 ? lab.compare(place) : wrong(`ended with ${ended.code}: ${lastWordsOf(ended)}`);
}
