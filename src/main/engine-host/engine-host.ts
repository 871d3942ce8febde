/**
 * @file Runs one job in an engine process of its own and tells what comes of it. A crash of the engine (a driver, out of
 * memory, kill -9) is an event here and nothing else: the host lives on.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../shared/lib/app-error.ts';
import { engineEventSchema, PROTOCOL_VERSION, type Command, type EngineEvent, type Job } from '../engine/protocol.ts';

/** What callers of this host name of the protocol; they never import it themselves. */
export type { DeviceChoice, DeviceReport, EngineEvent, GenerateJob, Job, PreviewRow, StepMetrics, TrainJob } from '../engine/protocol.ts';

export interface RunningJob {
  readonly pid: number | undefined;
  /** Asks to stop; training saves first. A second call kills. */
  stop(): void;
  /** Resolves when the engine ended by a final event, rejects with ENGINE-LOST when it ended without one. */
  readonly ended: Promise<FinalEvent>;
}

export type FinalEvent = Extract<EngineEvent, { kind: 'finished' | 'stopped' | 'failed' }>;

/** Beside this file both as a source and as built. */
const ENTRY = fileURLToPath(new URL(`../engine/process${extname(import.meta.url)}`, import.meta.url));

/** Forks an engine and starts the job. `onEvent` sees every event, the final one included. */
export function startJob(job: Job, onEvent: (event: EngineEvent) => void): RunningJob {
  const child = fork(ENTRY, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning'] });
  const send = (command: Command) => void (child.connected && child.send(command));
  let stopping = false;
  return {
    pid: child.pid,
    stop() {
      if (stopping) child.kill('SIGKILL');
      stopping = true;
      send({ kind: 'stop' });
    },
    ended: follow(child, onEvent, () => send({ kind: 'start', version: PROTOCOL_VERSION, job })),
  };
}

function follow(child: ChildProcess, onEvent: (event: EngineEvent) => void, onReady: () => void): Promise<FinalEvent> {
  const output = tail(child);
  return new Promise((resolve, reject) => {
    let last: FinalEvent | null = null;
    child.on('message', (message) => {
      const parsed = engineEventSchema.safeParse(message);
      if (!parsed.success) {
        onEvent({ kind: 'log', level: 'warning', message: `The engine sent something unreadable: ${parsed.error.issues[0]?.message ?? ''}` });
        return;
      }
      const event = parsed.data as EngineEvent;
      if (event.kind === 'ready') onReady();
      if (event.kind === 'finished' || event.kind === 'stopped' || event.kind === 'failed') last = event;
      onEvent(event);
    });
    child.on('error', (error) => {
      // Also a command that could not be sent any more, which the end below explains.
      if (child.pid === undefined) reject(lost(`could not be started: ${error.message}`, output()));
    });
    // Unlike `exit`, it comes after all that the engine had sent and printed.
    child.on('close', (code, signal) => {
      if (last) resolve(last);
      else reject(lost(signal ? `was ended by ${signal}` : `ended with code ${code}`, output()));
    });
  });
}

/** The last few kilobytes of what the engine and its native libraries printed: often the only trace of a crash. */
function tail(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-8192);
    });
  }
  return () => text.trim();
}

function lost(how: string, output: string): AppError {
  return new AppError({
    code: 'ENGINE-LOST',
    message: `The engine process ${how}, without a last word.${output ? ` It had printed: ${output}` : ''}`,
    data: { output },
    remedy: 'Resume the run: it goes on from its last checkpoint.',
  });
}
