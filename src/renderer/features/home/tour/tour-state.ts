/** @file The tour as a pure state machine. The run is the registry's: here is only its id, and which step is shown. */
import type { RunStatus } from '../../../../shared/domain/run.ts';
import { assertNever } from '../../../../shared/lib/assert-never.ts';

export const TOUR_STEPS = ['model', 'dataset', 'tokens', 'training'] as const;
export type TourStep = (typeof TOUR_STEPS)[number];

export interface TourState {
  readonly step: TourStep;
  /** Goes on by itself; a person who goes back or pauses takes over. */
  readonly auto: boolean;
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

/** Anew, or back to the run that the tour started before. */
export function beginTour(runId: string | null): TourState {
  if (runId === null) return { step: 'model', auto: true, run: { kind: 'none' } };
  return { step: 'training', auto: true, run: { kind: 'known', id: runId } };
}

export function tourState(state: TourState, event: TourEvent): TourState {
  switch (event.kind) {
    case 'next': return advanced(state);
    case 'timed-out': return state.auto && state.step !== 'training' ? advanced(state) : state;
    // Looking back is taking over; training is reached by `next`, or shown again once it runs.
    case 'shown': return event.step === 'training' && state.run.kind === 'none' ? state : { ...state, step: event.step, auto: state.auto && event.step === 'training' };
    case 'paused': return { ...state, auto: false };
    case 'continued': return { ...state, auto: true };
    case 'started': return state.run.kind === 'wanted' ? { ...state, run: { kind: 'known', id: event.id } } : state;
    case 'start-failed': return { ...state, auto: false, run: { kind: 'none' } };
    case 'again': return { step: 'training', auto: true, run: { kind: 'wanted' } };
    default: return assertNever(event);
  }
}

/** Reaching the training is what starts it. */
function advanced(state: TourState): TourState {
  const step = TOUR_STEPS[Math.min(TOUR_STEPS.indexOf(state.step) + 1, TOUR_STEPS.length - 1)]!;
  return step === 'training' && state.run.kind === 'none' ? { ...state, step, run: { kind: 'wanted' } } : { ...state, step };
}

/** What the tour offers for a run that stands so. */
export function tourOutcome(status: RunStatus): 'training' | 'done' | 'resumable' | 'failed' {
  switch (status.kind) {
    case 'queued': case 'preparing': case 'running': case 'stopping': return 'training';
    case 'completed': return 'done';
    case 'stopped': case 'interrupted': return status.resumeFrom === null ? 'failed' : 'resumable';
    case 'failed': return 'failed';
    default: return assertNever(status);
  }
}
