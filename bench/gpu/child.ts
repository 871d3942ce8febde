import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly seconds: number;
  /** Standard output, line by line as it comes. */
  onLine(line: string): void;
}

/** Runs a program to its end or its time limit; what it prints as errors is shown. @returns null when it went well, else how it ended */
export function runChild({ command, args, env = {}, seconds, onLine }: ChildRun): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', onLine);
    const end = (how: string | null) => {
      clearTimeout(timer);
      resolve(late ? `took longer than ${seconds} s` : how);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? null : signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
}
