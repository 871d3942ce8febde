/**
 * @file The last resort of a host or a command: an error that nobody caught is a bug of ours, and what is being trained has nothing to
 * do with it. It is logged and told, runs save a checkpoint, and the process ends with an exit code that says so.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds that runs get to save. */
const SAVING = 30_000;

export interface LastResort {
  /** For whoever has to find the bug. */
  readonly log: (error: unknown) => void;
  /** For the person at the screen or terminal. */
  readonly tell: (message: string) => void;
  /** Saves what runs, and lets go of what is open. */
  readonly save: () => Promise<void>;
  readonly exit: (code: number) => void;
}

/** @param survives a promise that nobody waited for has broken nothing that a host could not go on with: it is logged and told */
export function guardProcess({ log, tell, save, exit }: LastResort, survives: boolean): void {
  let ending = false;
  const end = (error: unknown) => {
    log(error);
    // A second one while runs save must not cut them off.
    if (ending) return;
    ending = true;
    process.once('exit', () => {
      process.exitCode ||= 1;
    });
    tell(`Something went wrong inside Tunesmith: ${wordsOf(error)}. What runs is saved, then it ends. This is a mistake of ours; please report it.`);
    void Promise.race([save(), delay(SAVING)])
      .catch(log)
      .then(() => exit(1));
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', (error) => {
    if (!survives) return end(error);
    log(error);
    return tell(`Something went wrong inside Tunesmith: ${wordsOf(error)}. What runs goes on. This is a mistake of ours; please report it.`);
  });
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
