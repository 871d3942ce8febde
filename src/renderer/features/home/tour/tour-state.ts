/** @file The tour as a pure state machine. The run is the registry's: here is only its id, and which step is shown. */
import type { RunStatus } from '../../../../shared/domain/run.ts';
import { assertNever } from '../../../../shared/lib/assert-never.ts';

export const TOUR_STEPS = ['model', 'dataset', 'tokens', 'training'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

export interface TourState {
  readonly step: TourStep;
  /** Goes on by itself; a person who goes back or pauses takes over. */
  readonly auto: boolean;
  /** A click in this page began the tour, or its training: without one, nothing is started. */
  readonly begun: boolean;
  readonly run: { readonly kind: 'none' } | { readonly kind: 'wanted' } | { readonly kind: 'known'; readonly id: string };
}

export type TourEvent =
  /** From a button, or because the time of a step is over. */
  | { readonly kind: 'next' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'shown'; readonly step: TourStep }
  | { readonly kind: 'paused' }
  | { readonly kind: 'continued' }
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'start-failed' }
  /** A new run in place of one that failed or is gone. */
  | { readonly kind: 'again' };

/** @param begun a click in this page leads here, rather than an address */
export function beginTour({ runId, begun }: { readonly runId: string | null; readonly begun: boolean }): TourState {
  if (runId === null) return { step: 'model', auto: true, begun, run: { kind: 'none' } };
  // Whoever looks in from another window is not taken along when it ends.
  return { step: 'training', auto: begun, begun, run: { kind: 'known', id: runId } };
}

export function tourState(state: TourState, event: TourEvent): TourState {
  switch (event.kind) {
    case 'next':
      return advanced({ ...state, begun: true });
    case 'timed-out':
      return timedOut(state);
    // Looking back is taking over; training is reached by `next`, or shown again once it runs.
    case 'shown':
      return event.step === 'training' && state.run.kind === 'none'
        ? state
        : { ...state, step: event.step, auto: state.auto && event.step === 'training' };
    case 'paused':
      return { ...state, auto: false };
    case 'continued':
      return { ...state, auto: true };
    case 'started':
      return state.run.kind === 'wanted' ? { ...state, run: { kind: 'known', id: event.id } } : state;
    case 'start-failed':
      return { ...state, auto: false, run: { kind: 'none' } };
    case 'again':
      return { step: 'training', auto: true, begun: true, run: { kind: 'wanted' } };
    default:
      return assertNever(event);
  }
}

/** Time alone starts no training: it takes the click that began the tour. */
function timedOut(state: TourState): TourState {
  if (!state.auto || state.step === 'training') return state;
  const next = advanced(state);
  return next.run.kind === 'wanted' && !state.begun ? { ...state, auto: false } : next;
}

/** Reaching the training is what starts it. */
function advanced(state: TourState): TourState {
  const step = TOUR_STEPS[Math.min(TOUR_STEPS.indexOf(state.step) + 1, TOUR_STEPS.length - 1)]!;
  return step === 'training' && state.run.kind === 'none' ? { ...state, step, run: { kind: 'wanted' } } : { ...state, step };
}

/** What the tour offers for a run that stands so. */
export function tourOutcome(status: RunStatus): 'training' | 'done' | 'resumable' | 'failed' {
  switch (status.kind) {
    case 'queued':
    case 'preparing':
    case 'running':
    case 'stopping':
      return 'training';
    case 'completed':
      return 'done';
    case 'stopped':
    case 'interrupted':
      return status.resumeFrom === null ? 'failed' : 'resumable';
    case 'failed':
      return 'failed';
    default:
      return assertNever(status);
  }
}
