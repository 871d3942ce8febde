/**
 * @file Entry of the engine process: takes one job, streams events, ends; or, once it is asked rather than started, stays and serves
 * asks (resident-engine.ts). A host that disappears is a request to stop: training saves a
 * checkpoint and ends, and a resident engine has nothing to save. Its only argument is the number of its host's process.
 */
import { assertNever } from '../../shared/lib/assert-never.ts';
import { keepCompiledCode } from '../files/compiled-code.ts';
import { keepToOwner } from '../files/private-root.ts';
import { runJob } from './jobs.ts';
import { coalesceEvents } from './event-coalescer.ts';
import { describeFailure } from './failure.ts';
import { openEnginePort } from './port.ts';
import { PROTOCOL_VERSION, type Job } from './protocol.ts';
import { ResidentEngine } from './resident-engine.ts';
import { Watchdog } from './watchdog.ts';
import { holdRun } from './train/hold-run.ts';

keepToOwner();
const watchdog = new Watchdog(Number(process.argv[2] ?? process.ppid));
const stop = new AbortController();
let started = false;
let resident: ResidentEngine | null = null;

const port = openEnginePort(
  (command) => {
    switch (command.kind) {
      case 'start':
        if (started || resident) return;
        started = true;
        void run(command.job);
        return;
      case 'stop':
        stop.abort();
        return;
      case 'ask':
        if (started) return;
        resident ??= new ResidentEngine((ask, event) => port.send({ kind: 'reply', ask, event }), watchdog);
        resident.ask(command.ask, command.job);
        return;
      case 'cancel':
        resident?.cancel(command.ask);
        return;
      default:
        assertNever(command);
    }
  },
  (reason) => port.send({ kind: 'log', level: 'warning', message: `The engine refused a malformed command: ${reason}` }),
  () => {
    stop.abort();
    if (!started) process.exit();
  },
);
// Ctrl-C, a closed terminal, a logout and a service that is stopped reach the whole process group: the host decides what that means and
// sends `stop`. Without a host it stops by itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
port.send({ kind: 'ready', version: PROTOCOL_VERSION });
keepCompiledCode();

async function run(job: Job): Promise<void> {
  const events = watchdog.watched(
    job,
    coalesceEvents((event) => port.send(event)),
  );
  try {
    if (job.kind === 'train') await holdRun(job.outDir);
    await runJob(job, { emit: events.emit, flush: events.flush, stop: stop.signal });
    events.flush();
  } catch (error) {
    events.flush();
    port.send(wasStopped(job, error) ? { kind: 'stopped', step: 0, checkpoint: null } : { kind: 'failed', error: describeFailure(error) });
  } finally {
    port.close();
  }
}

/** Training asked to stop while it reads its data has nothing to save yet; its other errors are errors even then. */
function wasStopped(job: Job, error: unknown): boolean {
  return stop.signal.aborted && (job.kind !== 'train' || error === stop.signal.reason);
}
