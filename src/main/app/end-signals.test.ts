import { afterEach, expect, it } from 'vitest';
import { onEndSignals } from './end-signals.ts';

let release = () => undefined as void;
afterEach(() => release());

function listening() {
  const heard: string[] = [];
  let clock = 0;
  release = onEndSignals(
    (signal) => heard.push(`first ${signal}`),
    (signal) => heard.push(`again ${signal}`),
    () => clock,
  );
  return { heard, at: (time: number, signal: NodeJS.Signals) => ((clock = time), process.emit(signal, signal)) };
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks to save, and once more at leisure to end', (signal) => {
  const { heard, at } = listening();
  at(0, signal);
  at(900, 'SIGINT');
  expect(heard).toEqual([`first ${signal}`, 'again SIGINT']);
});

it('a closed terminal and a logout are one request, however often they are told', () => {
  const { heard, at } = listening();
  at(0, 'SIGHUP');
  at(3, 'SIGTERM');
  at(4, 'SIGHUP');
  at(60_000, 'SIGHUP');
  expect(heard).toEqual(['first SIGHUP']);
});

it('Ctrl-C that comes by the terminal and by npm is one request', () => {
  const { heard, at } = listening();
  at(0, 'SIGINT');
  at(10, 'SIGINT');
  expect(heard).toEqual(['first SIGINT']);
});
