import { describe, expect, it } from 'vitest';
import { beginTour, tourOutcome, tourState, type TourEvent, type TourState } from './tour-state.ts';

function after(state: TourState, ...events: readonly TourEvent[]): TourState {
  return events.reduce(tourState, state);
}

const next = { kind: 'next' } as const;

describe('tourState', () => {
  it('walks to the training by itself and asks for one run, once', () => {
    const timed = { kind: 'timed-out' } as const;
    const arrived = after(beginTour({ runId: null, begun: true }), timed, timed, timed);
    expect(arrived).toEqual({ step: 'training', auto: true, begun: true, run: { kind: 'wanted' } });
    const started = after(arrived, { kind: 'started', id: 'r1' }, timed, next);
    expect(started).toEqual({ step: 'training', auto: true, begun: true, run: { kind: 'known', id: 'r1' } });
    // A second answer to a doubled start does not take the run away.
    expect(after(started, { kind: 'started', id: 'r2' }).run).toEqual({ kind: 'known', id: 'r1' });
  });

  it('stays where a person has paused or looked back', () => {
    const looking = after(beginTour({ runId: null, begun: true }), next, { kind: 'shown', step: 'model' }, { kind: 'timed-out' });
    expect(looking).toMatchObject({ step: 'model', auto: false });
    expect(after(looking, { kind: 'continued' }, { kind: 'timed-out' })).toMatchObject({ step: 'dataset', auto: true });
  });

  it('never starts training by a look at it, only by going on', () => {
    expect(after(beginTour({ runId: null, begun: true }), { kind: 'shown', step: 'training' })).toEqual(beginTour({ runId: null, begun: true }));
  });

  it('opened by an address alone shows its steps, and waits before it would start anything', () => {
    const timed = { kind: 'timed-out' } as const;
    const waiting = after(beginTour({ runId: null, begun: false }), timed, timed, timed, timed);
    expect(waiting).toEqual({ step: 'tokens', auto: false, begun: false, run: { kind: 'none' } });
    expect(after(waiting, next).run).toEqual({ kind: 'wanted' });
    // Another window's run is watched, and its end takes nobody along.
    expect(beginTour({ runId: 'r1', begun: false })).toMatchObject({ step: 'training', auto: false, run: { kind: 'known', id: 'r1' } });
  });

  it('comes back to the run it started', () => {
    const back = beginTour({ runId: 'r1', begun: true });
    expect(back).toMatchObject({ step: 'training', run: { kind: 'known', id: 'r1' } });
    expect(after(back, { kind: 'shown', step: 'tokens' }, next).run).toEqual({ kind: 'known', id: 'r1' });
  });

  it('can start again after a failure, which does not repeat by itself', () => {
    const failed = after(beginTour({ runId: null, begun: true }), next, next, next, { kind: 'start-failed' });
    expect(failed).toEqual({ step: 'training', auto: false, begun: true, run: { kind: 'none' } });
    expect(after(failed, { kind: 'timed-out' })).toBe(failed);
    expect(after(failed, { kind: 'again' }).run).toEqual({ kind: 'wanted' });
  });
});

describe('tourOutcome', () => {
  it('offers to go on only where there is a checkpoint', () => {
    expect(tourOutcome({ kind: 'stopped', resumeFrom: 40 })).toBe('resumable');
    expect(tourOutcome({ kind: 'stopped', resumeFrom: null })).toBe('failed');
    expect(tourOutcome({ kind: 'interrupted', step: 3, resumeFrom: null })).toBe('failed');
    expect(tourOutcome({ kind: 'completed', steps: 90 })).toBe('done');
    expect(tourOutcome({ kind: 'stopping', step: 3, totalSteps: 9, resumeFrom: null })).toBe('training');
  });
});
