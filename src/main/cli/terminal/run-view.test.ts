import { expect, it, vi } from 'vitest';
import type { RunUpdate } from '../../services/runs/run-update.ts';
import { RunView } from './run-view.ts';
import { Terminal } from './terminal.ts';

/** Steps that end at these seconds, with 100 tokens each. @param first number of the first of them */
function steps(first: number, ...ends: readonly number[]): readonly RunUpdate[] {
  return ends.map((elapsed, i) => ({
    kind: 'step',
    step: first + i,
    values: { loss: 1, learning_rate: 1e-4, num_tokens: 100 * (first + i), elapsed_seconds: elapsed },
  }));
}

const started = (firstStep: number): RunUpdate => ({
  kind: 'started',
  device: 'CPU',
  precision: 'f32',
  trainableParameters: 1,
  totalParameters: 2,
  totalSteps: 100,
  epochs: 1,
  firstStep,
});

function linesOf(updates: readonly RunUpdate[]): readonly string[] {
  const terminal = new Terminal(false);
  const line = vi.spyOn(terminal, 'line').mockImplementation(() => undefined);
  const view = new RunView(terminal);
  // Every line may be shown: a minute lies between any two.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 60_000));
  for (const update of updates) view.update(update);
  vi.restoreAllMocks();
  return line.mock.calls.map(([text]) => text ?? '');
}

const paces = (updates: readonly RunUpdate[]) =>
  linesOf(updates)
    .filter((line) => line.startsWith('step '))
    .map((line) => /(\S+) tokens\/s  ETA (.+)$/.exec(line)?.slice(1));

it('tells speed and time left as the page does: without what came before the first step, nor the first step itself', () => {
  // 40 s of loading and compiling, a first step of 3 s, then half a second each: 48 s are left after step 4, not half an hour.
  expect(paces([started(0), ...steps(1, 43, 43.5, 44, 44.5)])).toEqual([
    ['-', '-'],
    ['-', '-'],
    ['200', '49 s'],
    ['200', '48 s'],
  ]);
});

it('the speed of a resumed run does not count the tokens of the run before', () => {
  expect(paces([started(46), ...steps(47, 20, 21, 22)])).toEqual([
    ['-', '-'],
    ['-', '-'],
    ['100', '51 s'],
  ]);
});
