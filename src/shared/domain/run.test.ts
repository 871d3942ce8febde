import { describe, expect, it } from 'vitest';
import { isActive, type RunEvent, type RunStatus, transition } from './run.ts';

function follow(events: readonly RunEvent[], from: RunStatus = { kind: 'queued' }): RunStatus {
  return events.reduce<RunStatus>((status, event) => {
    const next = transition(status, event);
    if (next === null) throw new Error(`${event.kind} in ${status.kind}`);
    return next;
  }, from);
}

const error = { code: 'X', message: 'x' };
const TRAINING: readonly RunEvent[] = [
  { kind: 'started' },
  { kind: 'prepared', step: 0, totalSteps: 9 },
  { kind: 'stepped', step: 1 },
  { kind: 'saved', step: 1 },
  { kind: 'stepped', step: 2 },
];

describe('transition', () => {
  it('goes from queued to completed', () => {
    expect(follow(TRAINING)).toEqual({ kind: 'running', step: 2, totalSteps: 9, resumeFrom: 1 });
    expect(follow([...TRAINING, { kind: 'finished' }])).toEqual({ kind: 'completed', steps: 2 });
  });

  it.each<readonly [string, readonly RunEvent[], RunStatus]>([
    [
      'stop',
      [{ kind: 'stop-requested' }, { kind: 'stepped', step: 3 }, { kind: 'saved', step: 3 }, { kind: 'stopped' }],
      { kind: 'stopped', resumeFrom: 3 },
    ],
    ['failure', [{ kind: 'failed', error }], { kind: 'failed', error, resumeFrom: 1 }],
    ['lost engine', [{ kind: 'engine-lost' }], { kind: 'interrupted', step: 2, resumeFrom: 1 }],
    ['finish while stopping', [{ kind: 'stop-requested' }, { kind: 'stepped', step: 9 }, { kind: 'finished' }], { kind: 'completed', steps: 9 }],
  ])('handles %s, and remembers where to resume', (_name, events, expected) => {
    const status = follow([...TRAINING, ...events]);
    expect(status).toEqual(expected);
    const resumed = transition(status, { kind: 'started' });
    expect(resumed).toEqual(
      expected.kind === 'completed' ? null : { kind: 'preparing', resumeFrom: 'resumeFrom' in expected ? expected.resumeFrom : null },
    );
  });

  it('can be stopped before it trains', () => {
    expect(follow([{ kind: 'stop-requested' }])).toEqual({ kind: 'stopped', resumeFrom: null });
    expect(follow([{ kind: 'started' }, { kind: 'stop-requested' }, { kind: 'stopped' }])).toEqual({ kind: 'stopped', resumeFrom: null });
  });

  it('refuses every event in a completed run, and steps that go back', () => {
    const completed: RunStatus = { kind: 'completed', steps: 1 };
    const kinds: readonly RunEvent[] = [
      ...TRAINING,
      { kind: 'stop-requested' },
      { kind: 'stopped' },
      { kind: 'finished' },
      { kind: 'failed', error },
      { kind: 'engine-lost' },
    ];
    for (const event of kinds) expect(transition(completed, event), event.kind).toBeNull();
    expect(transition(follow(TRAINING), { kind: 'stepped', step: 2 })).toBeNull();
    expect(isActive(completed)).toBe(false);
    expect(isActive(follow(TRAINING))).toBe(true);
  });
});
