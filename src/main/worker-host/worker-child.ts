import type { ToWorker } from '../worker/protocol.ts';

/** A process that does tasks, however it was started. */
export interface WorkerChild {
  /** Known once it has been spawned. */
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  kill(): void;
  /** Whether this process may not end while the child lives. */
  hold(held: boolean): void;
  /** To be called once, in the turn of the start. */
  listen(listeners: {
    readonly message: (message: unknown) => void;
    readonly output: (text: string) => void;
    readonly closed: (how: string) => void;
  }): void;
}

/** Starts the worker's entry with a bound on its heap, in MiB. */
export type LaunchWorker = (entry: string, heap: number) => WorkerChild;
