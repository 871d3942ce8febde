import type { RunStatus } from '../../shared/domain/run.ts';
import { AppError } from '../../shared/lib/app-error.ts';
import type { RunHandle } from '../services/runs/run-handle.ts';
import { lineOf, type RunUpdate } from '../services/runs/run-update.ts';
import { stopOnSignal } from './common-options.ts';
import { reportFailure } from './report-failure.ts';
import { RunView } from './terminal/run-view.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Exit code of a run that was asked to stop, as shells have it for Ctrl-C. */
const STOPPED = 130;

/** Shows a run to its end. @returns the exit code */
export async function watchRun(terminal: Terminal, start: (onUpdate: (update: RunUpdate) => void) => RunHandle): Promise<number> {
  const view = terminal.json ? null : new RunView(terminal);
  const run = start((update) => {
    if (view !== null) return view.update(update);
    const line = lineOf(update);
    if (line !== null) terminal.event(line);
  });
  const release = stopOnSignal(run, terminal, 'Stopping after this step, with a checkpoint. Press Ctrl-C again to end at once.');
  try {
    const status = await run.ended;
    view?.close();
    return exitCode(terminal, status);
  } finally {
    release();
  }
}

function exitCode(terminal: Terminal, status: RunStatus): number {
  switch (status.kind) {
    case 'completed':
      return 0;
    case 'stopped':
      return STOPPED;
    case 'failed':
      // The JSON line has been written with the other updates.
      reportFailure(new AppError(status.error), null);
      return 1;
    default:
      reportFailure(
        new AppError({
          code: 'ENGINE-LOST',
          message: 'The engine process ended without a last word.',
          remedy:
            status.kind === 'interrupted' && status.resumeFrom !== null
              ? `Resume the run: it goes on from step ${status.resumeFrom}.`
              : 'Resume the run; it starts again, for nothing had been saved.',
        }),
        null,
      );
      return 1;
  }
}
