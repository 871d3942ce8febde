/** @file Signals at random moments: to the engine, to its host, to both; once, or again and again while the run is gone on with. */
import { childrenOf } from './processes.ts';
import { end, type Lab, type Running } from './lab.ts';
import { type Harm, type Moment, momentBy, type Outcome, pick, seconds, toldOf, type Trial, wrong } from './trial.ts';

const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGSTOP'] as const;
const TARGETS = ['engine', 'host', 'group'] as const;

interface Blow {
  readonly signal: (typeof SIGNALS)[number];
  readonly target: (typeof TARGETS)[number];
  readonly at: Moment;
}

export const kills: Harm = {
  name: 'kills and signals',
  unavailable: () => (process.platform === 'linux' ? null : 'processes are found by /proc'),
  trials: (count, random) =>
    Array.from({ length: count }, () => trialOf(Array.from({ length: pick(random, [1, 1, 1, 2, 3]) }, () => blowBy(random)))),
};

function blowBy(random: () => number): Blow {
  return { signal: pick(random, SIGNALS), target: pick(random, TARGETS), at: momentBy(random) };
}

function trialOf([first, ...others]: readonly Blow[]): Trial {
  const name = [first!, ...others].map(({ signal, target, at }) => `${signal} to the ${target} at ${toldOf(at)}`).join(', then ');
  return { name, run: (lab) => strike(lab, first!, others) };
}

async function strike(lab: Lab, first: Blow, others: readonly Blow[]): Promise<Outcome> {
  const place = lab.newPlace();
  const running = lab.train(place);
  await hit(lab, running, first);
  const { hung } = await end(running);
  if (hung !== null) return wrong(`after ${first.signal} to the ${first.target}: ${hung}`);
  const left = [...others];
  return lab.finish(place, async (next) => {
    const blow = left.shift();
    return blow !== undefined && hit(lab, next, blow);
  });
}

/** Sends the signal when its time has come; what was stopped goes on a little later. @returns false where the program ended before */
async function hit(lab: Lab, running: Running, { signal, target, at }: Blow): Promise<boolean> {
  if (!(await lab.at(running, at))) return false;
  const pids = pidsOf(running.child.pid!, target);
  send(pids, signal);
  if (signal === 'SIGSTOP') {
    await seconds(1.5);
    send(pids, 'SIGCONT');
  }
  return true;
}

function pidsOf(host: number, target: Blow['target']): readonly number[] {
  if (target === 'engine') return childrenOf(host);
  return target === 'host' ? [host] : [-host];
}

function send(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It was faster.
    }
  }
}
