/**
 * @file Entry of the worker process: goes through files so that the host's loop need not (docs/adr/0016). It does one task at a time,
 * tells how far it is, and may be killed at any moment.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../shared/lib/app-error.ts';
import { keepCompiledCode } from '../files/compiled-code.ts';
import { openWorkerPort } from './port.ts';
import { STREAMS, TASKS, type Stream, type Task } from './tasks.ts';

const PROGRESS_INTERVAL = 100;

// An exception a row is what a broken file costs, and nobody reads where it was thrown.
Error.stackTraceLimit = 4;
// Ctrl-C in a terminal reaches the whole process group; the host decides what it means, and ends this process by killing it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

// Its error is thrown, since nobody listens for it: a worker is not run without.
new Worker(new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url), { workerData: Number(process.argv[2] ?? process.ppid) }).unref();

let taken: () => void = () => undefined;
const send = openWorkerPort((message) => {
  if (message.kind === 'more') taken();
  else void run(message.task, message.input);
});
send({ kind: 'ready' });
keepCompiledCode();

async function run(name: string, input: unknown): Promise<void> {
  try {
    if (Object.hasOwn(STREAMS, name)) send({ kind: 'done', value: await stream(STREAMS[name as keyof typeof STREAMS] as Stream<unknown>, input) });
    else send({ kind: 'done', value: await (TASKS[name as keyof typeof TASKS] as Task<unknown, unknown, unknown>)(input, paced()) });
  } catch (error) {
    if (error instanceof AppError) send({ kind: 'failed', error: { ...error.toFields(), data: error.data && { ...error.data } } });
    else send({ kind: 'failed', error: null, bug: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** A chunk at a time: the next one is read when the last has been taken. */
async function stream(open: Stream<unknown>, input: unknown): Promise<void> {
  for await (const bytes of open(input)) {
    const next = new Promise<void>((resolve) => (taken = resolve));
    send({ kind: 'chunk', bytes });
    await next;
  }
}

function paced(): (value: unknown) => void {
  let told = -Infinity;
  return (value) => {
    if (performance.now() - told < PROGRESS_INTERVAL) return;
    told = performance.now();
    send({ kind: 'progress', value });
  };
}
