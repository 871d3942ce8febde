import { utilityProcess } from 'electron';
import type { EngineChild } from '../../engine-host/engine-child.ts';
import { killUtility } from './kill-utility.ts';
import { engineEnvironment } from '../../engine-host/lost-job.ts';

/** The engine as a utility process: what Electron allows where its program must not pass for Node (the RunAsNode fuse). */
export function utilityEngine(entry: string): EngineChild {
  const child = utilityProcess.fork(entry, [String(process.pid)], { serviceName: 'Tunesmith engine', stdio: 'pipe', env: engineEnvironment() });
  const kill = () => killUtility(child);
  return {
    // Known once the process has been spawned.
    get pid() {
      return child.pid;
    },
    send: (command) => child.postMessage(command),
    kill,
    // It waits for this: ending by itself, it could take its last word with it (engine/port.ts). It minds no softer signal.
    release: kill,
    listen({ message, output, closed }) {
      child.on('message', message);
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', output);
      child.on('error', (kind, location) => output(`${kind} at ${location}\n`));
      child.on('exit', (code) => closed(`ended with code ${code}`));
    },
  };
}
