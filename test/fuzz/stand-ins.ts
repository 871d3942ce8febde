/** @file In place of a host's processes, so that an input of it costs milliseconds: a worker in this process, and an engine that always says no. */
import type { EngineChild } from '../../src/main/engine-host/engine-child.ts';
import { PROTOCOL_VERSION, type EngineEvent } from '../../src/main/engine/protocol.ts';
import { STREAMS, TASKS, type Stream, type Task } from '../../src/main/worker/tasks.ts';
import type { FromWorker, ToWorker } from '../../src/main/worker/protocol.ts';
import type { WorkerChild } from '../../src/main/worker-host/worker-child.ts';
import { AppError } from '../../src/shared/lib/app-error.ts';

/** Tasks that have begun: unlike a process, they cannot be killed. */
const running = new Set<Promise<unknown>>();

export async function tasksEnded(): Promise<void> {
  await Promise.all(running);
}

export function workerHere(): WorkerChild {
  let gone = false;
  let taken: () => void = () => undefined;
  let heard: Parameters<WorkerChild['listen']>[0] | null = null;
  const say = (said: FromWorker): void => {
    if (!gone) heard?.message(said);
  };
  const run = async ({ task, input }: Extract<ToWorker, { readonly kind: 'run' }>): Promise<void> => {
    try {
      if (!Object.hasOwn(STREAMS, task))
        return say({ kind: 'done', value: await (TASKS[task as keyof typeof TASKS] as Task<unknown, unknown, unknown>)(input, () => undefined) });
      for await (const bytes of (STREAMS[task as keyof typeof STREAMS] as Stream<unknown>)(input)) {
        if (gone) return;
        const next = new Promise<void>((resolve) => (taken = resolve));
        say({ kind: 'chunk', bytes });
        await next;
      }
      say({ kind: 'done', value: undefined });
    } catch (error) {
      if (error instanceof AppError) say({ kind: 'failed', error: { ...error.toFields(), data: error.data && { ...error.data } } });
      else say({ kind: 'failed', error: null, bug: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  return {
    pid: undefined,
    send(message) {
      if (message.kind === 'more') return taken();
      const task = run(message).finally(() => running.delete(task));
      running.add(task);
    },
    kill() {
      if (gone) return;
      gone = true;
      taken();
      queueMicrotask(() => heard?.closed('was ended'));
    },
    hold: () => undefined,
    listen(listeners) {
      heard = listeners;
      queueMicrotask(() => say({ kind: 'ready' }));
    },
  };
}

export function noEngine(): EngineChild {
  let gone = false;
  let heard: Parameters<EngineChild['listen']>[0] | null = null;
  const no: EngineEvent = { kind: 'failed', error: { code: 'NO-ENGINE', message: 'There is no engine here.' } };
  const close = (): void => {
    if (gone) return;
    gone = true;
    queueMicrotask(() => heard?.closed('ended with code 0'));
  };
  return {
    pid: undefined,
    send(command) {
      if (command.kind === 'ask') queueMicrotask(() => heard?.message({ kind: 'reply', ask: command.ask, event: no }));
      if (command.kind !== 'start') return;
      queueMicrotask(() => {
        heard?.message(no);
        close();
      });
    },
    kill: close,
    release: close,
    listen(listeners) {
      heard = listeners;
      queueMicrotask(() => heard?.message({ kind: 'ready', version: PROTOCOL_VERSION }));
    },
  };
}
