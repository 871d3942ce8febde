import { expect, it } from 'vitest';
import { coalesceEvents } from './event-coalescer.ts';
import type { EngineEvent } from './protocol.ts';

const step = (n: number): EngineEvent => ({ kind: 'metrics', steps: [{ step: n, values: { loss: 1 } }] });

it('sends at most 20 batches of metrics a second and loses no step', () => {
  const sent: EngineEvent[] = [];
  let clock = 0;
  const { emit, flush } = coalesceEvents(
    (event) => sent.push(event),
    () => clock,
  );
  for (let n = 1; n <= 1000; n++) {
    emit(step(n));
    clock += 1;
  }
  flush();
  expect(sent.length).toBeLessThanOrEqual(21);
  expect(sent.flatMap((event) => (event.kind === 'metrics' ? event.steps.map(({ step: n }) => n) : []))).toEqual(
    Array.from({ length: 1000 }, (_, i) => i + 1),
  );
});

it('keeps order: what waits goes before the next event', () => {
  const sent: EngineEvent[] = [];
  const { emit } = coalesceEvents(
    (event) => sent.push(event),
    () => 0,
  );
  emit(step(1));
  emit(step(2));
  emit({ kind: 'checkpoint', step: 2, path: 'x' });
  expect(sent.map(({ kind }) => kind)).toEqual(['metrics', 'metrics', 'checkpoint']);
});

it('progress reports overtake each other but the last of a phase arrives', () => {
  const sent: EngineEvent[] = [];
  const { emit } = coalesceEvents(
    (event) => sent.push(event),
    () => 0,
  );
  for (let done = 0; done <= 500; done++) emit({ kind: 'progress', phase: 'loading', done, total: 500 });
  expect(sent).toEqual([
    { kind: 'progress', phase: 'loading', done: 0, total: 500 },
    { kind: 'progress', phase: 'loading', done: 500, total: 500 },
  ]);
});
