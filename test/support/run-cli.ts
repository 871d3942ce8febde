import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, '..', '..', 'src', 'main', 'cli', 'index.ts');

export interface CliResult {
  readonly code: number | null;
  /** What it died of; null where it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON lines; only with `--json`. */
  readonly events: readonly CliEvent[];
}

export type CliEvent = Readonly<Record<string, unknown>> & { readonly kind: string };

export interface RunningCli {
  /** Leader of a process group of its own, with the engine in it. */
  readonly child: ChildProcess;
  readonly ended: Promise<CliResult>;
}

/** Starts the command line as a person would: another process, without a terminal. */
export function startCli(args: readonly string[], onEvent: (event: CliEvent) => void = () => undefined, env: NodeJS.ProcessEnv = {}): RunningCli {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  const json = args.includes('--json');
  const events: CliEvent[] = [];
  let [stdout, stderr, rest] = ['', '', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (!json) return;
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const event = JSON.parse(line) as CliEvent;
      events.push(event);
      onEvent(event);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr, events }));
  });
  return { child, ended };
}

export function runCli(...args: readonly string[]): Promise<CliResult> {
  return startCli(args).ended;
}

/** Kills the command line and its engine at once, as a power cut would. */
export function killTree({ child }: RunningCli): void {
  process.kill(-child.pid!, 'SIGKILL');
}

export function eventsOf(result: CliResult, kind: string): readonly CliEvent[] {
  return result.events.filter((event) => event.kind === kind);
}
