import type { MetricPoint } from '../../../shared/domain/metrics.ts';
import type { ImportedDataset } from '../../../shared/domain/dataset.ts';
import type { DeviceChoice, EngineEvent } from '../../engine-host/engine-host.ts';

type FromEngine = Extract<EngineEvent, { kind: 'log' | 'dataset' | 'started' | 'checkpoint' | 'memory' | 'finished' | 'stopped' | 'failed' }>;
type EnginePhase = Extract<EngineEvent, { kind: 'progress' }>['phase'];

/** What happens to a run, in order; also the lines of `events.jsonl` (without `progress`) and of the command line's `--json`, as `lineOf` has them. */
export type RunUpdate =
  /** A run begins, or goes on after step `resumedFrom`: what an earlier attempt logged beyond that step is done again. */
  | { readonly kind: 'run'; readonly out: string; readonly device: DeviceChoice; readonly resumedFrom: number | null }
  | { readonly kind: 'progress'; readonly phase: 'importing' | EnginePhase; readonly done: number; readonly total: number }
  | ({ readonly kind: 'imported' } & ImportedDataset)
  /** Without values where nothing of the step is logged. */
  | ({ readonly kind: 'step' } & MetricPoint)
  | { readonly kind: 'interrupted'; readonly message: string; readonly remedy: string | undefined }
  | FromEngine;

/** The engine's event as updates of a run: batched metrics become one update a step. */
export function updatesOf(event: EngineEvent): readonly RunUpdate[] {
  switch (event.kind) {
    case 'metrics':
      return event.steps.map((step) => ({ kind: 'step', ...step }));
    case 'ready':
    case 'preview':
    case 'dropped':
    case 'findings':
    case 'facts':
    case 'counts':
    case 'lengths':
    case 'text':
    case 'device':
    case 'checkpoints':
    case 'done':
      return [];
    default:
      return [event];
  }
}

/** The update as a line of JSON, with a step's values beside its number; null for what no line tells. */
export function lineOf(update: RunUpdate): { readonly kind: string } | null {
  if (update.kind !== 'step') return update;
  const { kind, step, values } = update;
  const line = { kind, step, ...values };
  return Object.keys(values).length === 0 ? null : line;
}
