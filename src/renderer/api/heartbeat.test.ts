import { expect, it, vi } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';

const hang = (signal: AbortSignal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('broken off'))));

it('tells silence where the host hangs, and the end of it; a refusal is an answer', async () => {
  const answers = [() => Promise.resolve(), hang, hang, () => Promise.reject(new Error('refused')), () => Promise.resolve()];
  const told: boolean[] = [];
  const stop = startHeartbeat({
    ask: (signal) => (answers.shift() ?? hang)(signal),
    every: 1,
    patience: 20,
    onSilence: (silent) => told.push(silent),
  });
  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(5));
  stop();
  expect(told.slice(0, 5)).toEqual([false, true, true, false, false]);
});

it('asks no more once it is stopped', async () => {
  const ask = vi.fn(() => Promise.resolve());
  const stop = startHeartbeat({ ask, every: 1, patience: 20, onSilence: () => undefined });
  await vi.waitFor(() => expect(ask).toHaveBeenCalled());
  stop();
  const asked = ask.mock.calls.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(ask.mock.calls.length - asked).toBeLessThanOrEqual(1);
});
