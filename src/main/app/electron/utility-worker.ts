import { utilityProcess } from 'electron';
import type { WorkerChild } from '../../worker-host/worker-child.ts';
import { killUtility } from './kill-utility.ts';

/** The worker as a utility process: what Electron allows where its program must not pass for Node (the RunAsNode fuse). */
export function utilityWorker(entry: string, heap: number): WorkerChild {
  const child = utilityProcess.fork(entry, [String(process.pid)], {
    serviceName: 'Tunesmith worker',
    stdio: 'pipe',
    execArgv: [`--max-old-space-size=${heap}`],
  });
  return {
    // Known once the process has been spawned.
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    kill: () => killUtility(child),
    // Electron ends its utility processes with itself.
    hold: () => undefined,
    listen({ message, output, closed }) {
      child.on('message', message);
      for (const pipe of [child.stdout, child.stderr]) pipe?.setEncoding('utf8').on('data', output);
      child.on('error', (kind, location) => output(`${kind} at ${location}\n`));
      child.on('exit', (code) => closed(`ended with code ${code}`));
    },
  };
}
