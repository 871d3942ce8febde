import { expect, it } from 'vitest';
import { LogWindow } from './log-window.ts';

const batch = (accuracy: number, entropy: number) => ({ mean_token_accuracy: accuracy, entropy });

it('a line is the mean loss of its steps, and the mean over micro-batches of what is measured there', () => {
  const window = new LogWindow(null);
  // Two micro-batches, then one: each of the three counts alike, not each step.
  window.add(4, 10, 0.5, [batch(0, 1), batch(1, 2)]);
  window.add(2, 30, 0.25, [batch(0.5, 6)]);
  expect(window.take()).toEqual({ loss: 3, target_tokens: 40, seconds: 0.75, mean_token_accuracy: 0.5, entropy: 3 });
  window.add(1, 5, 1, [batch(1, 1)]);
  expect(window.take()).toEqual({ loss: 1, target_tokens: 5, seconds: 1, mean_token_accuracy: 1, entropy: 1 });
});

it('goes on where a checkpoint left it, without the clock', () => {
  const whole = new LogWindow(null);
  const before = new LogWindow(null);
  for (const window of [whole, before]) window.add(0.1, 1, 9, [batch(0.1, 0.2)]);
  const after = new LogWindow(JSON.parse(JSON.stringify(before.state())) as ReturnType<LogWindow['state']>);
  for (const window of [whole, after]) window.add(0.2, 1, 0, [batch(0.7, 0.4)]);
  const [{ seconds: _, ...want }, { seconds, ...got }] = [whole.take(), after.take()];
  expect(got).toEqual(want);
  expect(seconds).toBe(0);
  expect(whole.state()).toBeNull();
});
