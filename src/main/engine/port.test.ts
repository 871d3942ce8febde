import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { openEnginePort } from './port.ts';
import type { Command } from './protocol.ts';

afterEach(() => {
  Reflect.deleteProperty(process, 'parentPort');
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('in a utility process, waits for the host to end it: leaving by itself, it could overtake its last word', () => {
  vi.useFakeTimers();
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
  const sent: unknown[] = [];
  const parent = Object.assign(new EventEmitter(), { postMessage: (message: unknown) => sent.push(message) });
  Object.assign(process, { parentPort: parent });
  const commands: Command[] = [];
  const refused: string[] = [];
  const port = openEnginePort(
    (command) => commands.push(command),
    (reason) => refused.push(reason),
    () => undefined,
  );
  parent.emit('message', { data: { kind: 'stop' } });
  parent.emit('message', { data: { kind: 'dance' } });
  expect([commands, refused.length]).toEqual([[{ kind: 'stop' }], 1]);
  port.send({ kind: 'log', level: 'info', message: 'last word' });
  port.close();
  expect([sent.length, exit.mock.calls.length]).toEqual([1, 0]);
  // A host that died without ending it leaves no engine behind.
  vi.advanceTimersByTime(60_000);
  expect(exit).toHaveBeenCalledTimes(1);
});
