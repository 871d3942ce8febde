import { expect, it } from 'vitest';
import type { RunUpdate } from './run-update.ts';
import { RunNarrator } from './run-narrator.ts';

/** What a run of so many updates says, each a second after the one before. */
function told(updates: readonly RunUpdate[]): readonly string[] {
  let now = 0;
  const narrator = new RunNarrator(() => now);
  return updates.flatMap((update) => {
    now += 1000;
    return narrator.linesOf(update);
  });
}

const progress = (phase: 'encoding' | 'loading' | 'compiling', done: number, total: number): RunUpdate => ({ kind: 'progress', phase, done, total });
const started = (totalSteps: number, firstStep = 0): RunUpdate => ({
  kind: 'started',
  device: 'CPU, 2 threads',
  precision: 'f32',
  totalSteps,
  firstStep,
  epochs: 1.5,
  trainableParameters: 294_912,
  totalParameters: 4_800_000,
});
const step = (n: number): RunUpdate => ({ kind: 'step', step: n, values: { loss: 2, learning_rate: 2e-4, seconds: 0.5 } });
const upTo = (n: number) => Array.from({ length: n }, (_, i) => step(i + 1));

it('tells each phase with its time, whether its last report comes or the next phase does', () => {
  expect(
    told([
      { kind: 'run', out: '/r', device: 'cpu', resumedFrom: null },
      progress('encoding', 0, 10),
      progress('encoding', 5, 10),
      progress('loading', 0, 4),
      progress('loading', 4, 4),
      progress('compiling', 0, 3),
      progress('compiling', 1, 3),
      started(100),
    ]),
  ).toEqual([
    'The run begins.',
    'Turning the rows into tokens.',
    'Turned the rows into tokens in 2.0 s.',
    'Loading the model.',
    'Loaded the model in 1.0 s.',
    'Compiling the training step.',
    'Compiled the training step in 2.0 s.',
    'Training 294,912 of 4,800,000 parameters on CPU, 2 threads in f32: steps 1 to 100, 1.5 epochs.',
  ]);
});

it('tells some twenty steps of a long run, each of a short one, and the first and the last of any', () => {
  expect(told([started(2650), ...upTo(2650)]).filter((line) => line.startsWith('Step'))).toHaveLength(21);
  expect(told([started(12), ...upTo(12)]).filter((line) => line.startsWith('Step'))).toHaveLength(12);
  const resumed = told([started(1000, 433), ...upTo(1000).slice(433)]);
  expect([resumed[1], resumed.at(-1)]).toEqual([
    'Step 434 of 1,000: loss 2.0000, learning rate 2.00e-4, 0.5 s.',
    'Step 1,000 of 1,000: loss 2.0000, learning rate 2.00e-4, 0.5 s.',
  ]);
});

it('tells what was saved, how it ended, with the time and the memory it took', () => {
  expect(
    told([
      started(2),
      step(1),
      step(2),
      { kind: 'checkpoint', step: 2, path: '/r/checkpoint-2' },
      { kind: 'memory', memory: { weights: 1, state: 1, workspace: 1, peak: 3 * 1024 ** 3 } },
      { kind: 'finished', result: { outcome: { kind: 'adapter', folder: '/r/adapter' }, steps: 2, trainLoss: 1.25, seconds: 123 } },
    ]).slice(3),
  ).toEqual(['Saved the checkpoint of step 2.', 'Finished: 2 steps, mean loss 1.2500, in 2:03. Memory at the peak: 3.0 GiB.']);
});

it('tells what was going on when it failed', () => {
  expect(told([progress('compiling', 0, 3), { kind: 'failed', error: { code: 'X', message: 'no' } }])).toEqual([
    'Compiling the training step.',
    'It ended while this was going on: compiling the training step.',
  ]);
});
