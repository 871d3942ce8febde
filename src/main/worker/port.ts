/** @file The worker's wire to its host: Electron's parentPort in a utility process, Node's IPC channel in a forked one. */
import type { FromWorker, ToWorker } from './protocol.ts';

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** @returns how to say something; whoever starts the worker is our own program, so what it says is taken as it is */
export function openWorkerPort(onMessage: (message: ToWorker) => void): (message: FromWorker) => void {
  const { parentPort } = process as unknown as { readonly parentPort?: ParentPort };
  if (parentPort) {
    parentPort.on('message', ({ data }) => onMessage(data as ToWorker));
    return (message) => parentPort.postMessage(message);
  }
  if (!process.send) throw new Error('internal: the worker process was started without a channel to a host');
  process.on('message', (message) => onMessage(message as ToWorker));
  // Nobody waits any more; what was half written is the next one's to sweep.
  process.on('disconnect', () => process.exit());
  return (message) => void (process.connected && process.send!(message));
}
