import type { RunSummary, RunWatchUpdate } from '../../../shared/domain/run-record.ts';
import { isActive } from '../../../shared/domain/run.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { RunLibrary } from '../../services/runs/run-library.ts';
import type { Command } from '../command.ts';
import { DATA, dataOf, JSON_OUTPUT, stopOnSignal } from '../common-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { withStudio } from '../with-studio.ts';

export const runsCommand: Command = {
  name: 'runs',
  summary: 'List the runs of the studio and of the command line; watch or stop one',
  usage: ['runs', 'runs --watch RUN', 'runs --stop RUN'],
  options: [
    { name: 'watch', value: 'RUN', help: 'Follow a run to its end, whoever runs it: its id (or the beginning of it), its name or its folder.' },
    { name: 'stop', value: 'RUN', help: 'Ask a run to save and end; asked again, it ends at once.' },
    DATA,
    JSON_OUTPUT,
  ],
  endsItself: true,
  async run(args, terminal) {
    const [watched, stopped] = [args.text('watch'), args.text('stop')];
    return withStudio(dataOf(args), async ({ runs }) => {
      const all = await runs.settled();
      if (stopped !== null) await runs.stop(find(all, stopped).id);
      else if (watched !== null) await watch(runs, find(all, watched), terminal);
      else list(all, terminal);
      return 0;
    });
  },
};

function find(all: readonly RunSummary[], asked: string): RunSummary {
  const found = all.find(({ id, name, dir }) => id === asked || name === asked || dir === asked) ?? all.find(({ id }) => id.startsWith(asked));
  if (found) return found;
  throw new AppError({ code: 'RUN-UNKNOWN', message: `There is no run ${asked}.`, remedy: 'See "tunesmith runs" for all of them.' });
}

function list(all: readonly RunSummary[], terminal: Terminal): void {
  if (all.length > 0 && !terminal.json) terminal.line(`${'id'.padEnd(8)}  ${'status'.padEnd(11)} ${'step'.padStart(11)}  loss`);
  for (const run of all) {
    if (terminal.json) terminal.event({ ...run, kind: 'run' });
    else terminal.line(`${run.id.slice(0, 8)}  ${line(run)}`);
  }
  if (all.length === 0 && !terminal.json) terminal.line('No runs yet.');
}

function line({ name, status, step, totalSteps, lastLoss, secondsLeft, elsewhere }: RunSummary): string {
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  return `${status.kind.padEnd(11)} ${`${step}/${totalSteps}`.padStart(11)}  loss ${lastLoss === null ? '-' : lastLoss.toFixed(4)}${left}${elsewhere === null ? '' : `, process ${elsewhere}`}  ${name}`;
}

async function watch(runs: RunLibrary, { id }: RunSummary, terminal: Terminal): Promise<void> {
  const leave = new AbortController();
  let [over, told] = [false, 0];
  const release = stopOnSignal({ stop: () => leave.abort() }, terminal, 'No longer watching; the run goes on.');
  try {
    for await (const update of runs.watch(id, leave.signal)) {
      if (terminal.json) terminal.event({ ...update });
      else tell(update, terminal);
      over ||= update.kind === 'run' && !isActive(update.run.status) && update.run.status.kind !== 'queued';
      // The state comes first, the history after it: all of it has been told once the last step has.
      if (update.kind === 'metrics') told = update.columns.step.at(-1)!;
      if (over && told >= runs.get(id).step) leave.abort();
    }
  } finally {
    release();
  }
}

function tell(update: RunWatchUpdate, terminal: Terminal): void {
  switch (update.kind) {
    case 'run':
      return terminal.line(line(update.run));
    case 'log':
      return update.lines.forEach(({ message }) => terminal.line(`  ${message}`));
    case 'rewind':
      return terminal.line(`  back to step ${update.afterStep}`);
    default:
      return undefined;
  }
}
