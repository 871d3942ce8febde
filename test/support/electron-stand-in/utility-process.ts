/** @file `utilityProcess`: a real child process, which has `process.parentPort` and no channel of Node's. */
import childProcess, { type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { standInApp } from './app.ts';
import { checkOptions, strict, StrictEmitter } from './strict.ts';

/** Kept before the runner takes it from the program. */
const forkNode = childProcess.fork;
const BOOT = join(import.meta.dirname, 'utility-child.ts');

interface Options {
  readonly serviceName?: string;
  readonly stdio?: string;
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

class StandInUtility extends StrictEmitter {
  readonly #child: ChildProcess;
  #spawned = false;
  #gone = false;
  readonly stdout;
  readonly stderr;

  constructor(entry: string, args: readonly string[], options: Options) {
    super('UtilityProcess');
    this.#child = forkNode(BOOT, [entry, ...args], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning', ...(options.execArgv ?? [])],
      env: options.env ?? process.env,
    });
    this.stdout = options.stdio === 'pipe' ? this.#child.stdout : null;
    this.stderr = options.stdio === 'pipe' ? this.#child.stderr : null;
    this.#child.on('spawn', () => {
      this.#spawned = true;
      this.tell('spawn');
    });
    this.#child.on('message', (message) => this.tell('message', message));
    this.#child.on('close', (code) => {
      this.#gone = true;
      // Ended by a signal it has no code of its own.
      this.tell('exit', code ?? 15);
    });
  }

  /** Not known before it has been spawned, nor after it has gone. */
  get pid(): number | undefined {
    return this.#spawned && !this.#gone ? this.#child.pid : undefined;
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw new Error('The stand-in passes no ports on.');
    if (this.#child.connected) this.#child.send(message as object);
  }

  /** Before it has been spawned there is nothing to be ended. */
  kill(): boolean {
    return this.#spawned && this.#child.kill('SIGTERM');
  }
}

/** Every engine and worker there was. */
export const utilities: {
  readonly options: Options;
  /** Undefined before its process is there, and once it has gone. */
  readonly pid: () => number | undefined;
}[] = [];

export const utilityProcess = strict('UtilityProcess', {
  fork(entry: string, args: readonly string[] = [], options: Options = {}): StandInUtility {
    standInApp.afterReady('utilityProcess.fork');
    checkOptions('ForkOptions', options);
    if (!isAbsolute(entry) || !existsSync(entry)) throw new Error(`ERR_MODULE_NOT_FOUND: ${entry}`);
    const utility = new StandInUtility(entry, args, options);
    utilities.push({ options, pid: () => utility.pid });
    return strict('UtilityProcess', utility);
  },
});
