import { spawn } from 'node:child_process';

export interface Ended {
  readonly code: number;
  /** What it printed as errors where that is caught, or why it did not start or was ended; empty otherwise. */
  readonly errors: string;
}

/** Runs a program to its end, its output shown as it comes. */
export function runProgram(program: string, args: readonly string[], stderr: 'inherit' | 'pipe', cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'inherit', stderr] });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-65_536);
    });
    child.on('error', (error) => resolve({ code: 1, errors: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, errors: errors || (signal === null ? '' : `ended by ${signal}`) }));
  });
}
