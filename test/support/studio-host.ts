import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MOST_STALL, type Stall } from '../../src/main/services/machine/loop-watch.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface StudioHost {
  /** As printed last for a person: with a code that works once, after which there is a new one. */
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Ends it as Ctrl-C would, and waits. @throws Error where its loop has stood still for 200 ms or longer: that breaks a promise, whatever is tested */
  stop(): Promise<void>;
  /** Ends it as a power cut would; its engines are left to notice. */
  kill(): Promise<void>;
}

/** Serves the built studio on a free port, in a process of its own as `npm start` does. */
export async function startStudioHost(data: string, env: NodeJS.ProcessEnv = {}): Promise<StudioHost> {
  const child = spawn(process.execPath, [join(ROOT, 'src', 'main', 'browser.ts'), '--data', data, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HF_HOME: join(data, 'no-hub-cache'), ...env },
  });
  let output = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const newest = () => output.match(/http:\/\/127\.0\.0\.1:\d+\/\?code=\S+(?=\n)/g)?.at(-1);
  await new Promise<void>((resolve, reject) => {
    const read = (text: string) => {
      output += text;
      if (newest() !== undefined) resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`The host ended with code ${code} before it printed its address:\n${output}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    get url() {
      return newest()!;
    },
    child,
    output: () => output,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

/** Milliseconds that a call may wait for a disk that others keep busy too: the test machine's, not the program's. */
const DISK = 1000;

/** Whether the loop stood still by the program's fault: it computed for too long, or waited far longer than any disk. */
export function breaksPromise({ own, computed }: Pick<Stall, 'own' | 'computed'>): boolean {
  return computed >= MOST_STALL || own >= DISK;
}

/** What a host has written down of its loop standing still (src/main/services/machine/loop-watch.ts). */
export async function stallsOf(data: string): Promise<readonly string[]> {
  const log = await readFile(join(data, 'logs', 'host.log'), 'utf8').catch(() => '');
  const numberIn = (text: string, name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(text)?.[1] ?? Infinity);
  return (log.match(/^\S+ stall [^}]*\}/gm) ?? []).filter((text) =>
    breaksPromise({ own: numberIn(text, 'own'), computed: numberIn(text, 'computed') }),
  );
}
