import { fork } from 'node:child_process';
import type { EngineChild } from './engine-child.ts';
import { engineEnvironment } from './lost-job.ts';

/** The engine as a forked Node process: command line, browser host and tests. Electron has its own (app/electron/utility-engine.ts). */
export function forkEngine(entry: string): EngineChild {
  const child = fork(entry, [String(process.pid)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: engineEnvironment(),
  });
  return {
    pid: child.pid,
    send: (command) => void (child.connected && child.send(command)),
    kill: () => void child.kill('SIGKILL'),
    // It closes its channel and ends by itself.
    release: () => undefined,
    listen({ message, output, failed, closed }) {
      child.on('message', message);
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', output);
      child.on('error', (error) => {
        // Also a command that could not be sent any more, which the end explains.
        if (child.pid === undefined) failed(error);
      });
      // Unlike `exit`, it comes after all that the engine had sent and printed.
      child.on('close', (code, signal) => closed(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    },
  };
}
