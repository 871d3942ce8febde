import { expect, it, vi } from 'vitest';
import type { RunUpdate } from '../../services/run-update.ts';
import { RunView } from './run-view.ts';
import { Terminal } from './terminal.ts';

const step = (number: number, tokens: number): RunUpdate => ({
  kind: 'step', step: number, epoch: 1, loss: 1, grad_norm: 1, learning_rate: 1e-4, num_tokens: tokens, target_tokens: 10, seconds: 2, elapsed_seconds: 2,
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

it('the speed of a resumed run does not count the tokens of the run before', () => {
  expect(linesOf([step(1, 100), step(2, 300)]).map((line) => /(\S+) tokens/.exec(line)?.[1])).toEqual(['50', '100']);
  expect(linesOf([step(47, 10_000), step(48, 10_200)]).map((line) => /(\S+) tokens/.exec(line)?.[1])).toEqual(['-', '100']);
});
