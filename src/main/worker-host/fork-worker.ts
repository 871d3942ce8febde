import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { withCompiledCode } from '../files/compiled-code.ts';
import type { WorkerChild } from './worker-child.ts';

/** The worker as a forked Node process: command line, browser host and tests. Electron has its own (app/electron/utility-worker.ts). */
export function forkWorker(entry: string, heap: number): WorkerChild {
  const child = fork(entry, [String(process.pid)], {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heap}`],
    env: withCompiledCode(process.env),
  });
  const pipes = [child.stdout, child.stderr] as unknown as readonly Socket[];
  return {
    pid: child.pid,
    send: (message) => void (child.connected && child.send(message)),
    kill: () => void child.kill('SIGKILL'),
    hold(held) {
      if (held) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
      for (const pipe of pipes) {
        if (held) pipe.ref();
        else pipe.unref();
      }
    },
    listen({ message, output, closed }) {
      child.on('message', message);
      for (const pipe of pipes) pipe.setEncoding('utf8').on('data', output);
      child.on('error', (error) => {
        // Also a message that could not be sent any more, which the end explains.
        if (child.pid === undefined) closed(`could not be started: ${error.message}`);
      });
      child.on('close', (code, signal) => closed(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    },
  };
}
