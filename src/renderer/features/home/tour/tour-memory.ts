import type { RunSummary } from '../../../../shared/domain/run-record.ts';
import { isActive } from '../../../../shared/domain/run.ts';

/** Id of the run that the tour has started in this page. In memory: a copy of the tab, or a reload, did not start it. */
let own: string | null = null;

export function ownRun(): string | null {
  return own;
}

export function rememberRun(id: string | null): void {
  own = id;
}

/** The run that the tour comes back to: the one it started here, else one that is at work, whichever window started it. */
export function tourRunOf(runs: readonly RunSummary[], mine: string | null): RunSummary | null {
  return (
    runs.find(({ id }) => id === mine) ??
    runs.find(({ origin, status }) => origin === 'tour' && (isActive(status) || status.kind === 'queued')) ??
    null
  );
}
