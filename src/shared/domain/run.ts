import type { AppErrorFields } from '../lib/app-error.ts';
import { assertNever } from '../lib/assert-never.ts';

/** Where a run stands. `step` counts finished optimiser steps; `resumeFrom` is the step of the newest checkpoint. */
export type RunStatus =
  | { readonly kind: 'queued' }
  /** Loading, importing, compiling. */
  | { readonly kind: 'preparing'; readonly resumeFrom: number | null }
  | { readonly kind: 'running'; readonly step: number; readonly totalSteps: number; readonly resumeFrom: number | null }
  /** Asked to stop; the engine is finishing its step and saving. */
  | { readonly kind: 'stopping'; readonly step: number; readonly totalSteps: number; readonly resumeFrom: number | null }
  | { readonly kind: 'stopped'; readonly resumeFrom: number | null }
  | { readonly kind: 'completed'; readonly steps: number }
  | { readonly kind: 'failed'; readonly error: AppErrorFields; readonly resumeFrom: number | null }
  /** The engine's process ended without a word after `step`: crash, kill or power cut. */
  | { readonly kind: 'interrupted'; readonly step: number; readonly resumeFrom: number | null };

export type RunEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'prepared'; readonly step: number; readonly totalSteps: number }
  | { readonly kind: 'stepped'; readonly step: number }
  | { readonly kind: 'saved'; readonly step: number }
  | { readonly kind: 'stop-requested' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly error: AppErrorFields }
  | { readonly kind: 'engine-lost' };

/**
 * The status after an event, or null where the event cannot happen in that status: the caller decides whether that is a
 * late message or a bug. A run resumes by `started` on a stopped, failed or interrupted one.
 */
export function transition(status: RunStatus, event: RunEvent): RunStatus | null {
  switch (event.kind) {
    case 'started':
      return start(status);
    case 'prepared': {
      if (status.kind !== 'preparing') return null;
      return { kind: 'running', step: event.step, totalSteps: event.totalSteps, resumeFrom: status.resumeFrom };
    }
    case 'stepped':
      return isTraining(status) && event.step > status.step ? { ...status, step: event.step } : null;
    case 'saved':
      return isTraining(status) ? { ...status, resumeFrom: event.step } : null;
    case 'stop-requested':
      return requestStop(status);
    case 'stopped':
      return status.kind === 'stopping' ? { kind: 'stopped', resumeFrom: status.resumeFrom } : null;
    case 'finished':
      return isTraining(status) ? { kind: 'completed', steps: status.step } : null;
    case 'failed':
      return isActive(status) ? { kind: 'failed', error: event.error, resumeFrom: status.resumeFrom } : null;
    case 'engine-lost':
      return isActive(status)
        ? { kind: 'interrupted', step: isTraining(status) ? status.step : (status.resumeFrom ?? 0), resumeFrom: status.resumeFrom }
        : null;
    default:
      return assertNever(event);
  }
}

type Training = Extract<RunStatus, { kind: 'running' | 'stopping' }>;
type Active = Training | Extract<RunStatus, { kind: 'preparing' }>;

/** The engine is computing steps, perhaps the last one. */
function isTraining(status: RunStatus): status is Training {
  return status.kind === 'running' || status.kind === 'stopping';
}

/** An engine process works for this run. */
export function isActive(status: RunStatus): status is Active {
  return status.kind === 'preparing' || isTraining(status);
}

function start(status: RunStatus): RunStatus | null {
  switch (status.kind) {
    case 'queued':
      return { kind: 'preparing', resumeFrom: null };
    case 'stopped':
    case 'failed':
    case 'interrupted':
      return { kind: 'preparing', resumeFrom: status.resumeFrom };
    case 'preparing':
    case 'running':
    case 'stopping':
    case 'completed':
      return null;
    default:
      return assertNever(status);
  }
}

function requestStop(status: RunStatus): RunStatus | null {
  switch (status.kind) {
    case 'queued':
      return { kind: 'stopped', resumeFrom: null };
    case 'preparing':
      return { kind: 'stopping', step: status.resumeFrom ?? 0, totalSteps: 0, resumeFrom: status.resumeFrom };
    case 'running':
      return { ...status, kind: 'stopping' };
    case 'stopping':
    case 'stopped':
    case 'completed':
    case 'failed':
    case 'interrupted':
      return null;
    default:
      return assertNever(status);
  }
}
