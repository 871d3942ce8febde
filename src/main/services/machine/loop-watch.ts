/**
 * @file How long the host's event loop stands still. Nothing of a page, a run or a stream happens meanwhile, so it is a promise that it
 * never does for 200 ms. What counts is what this process did itself (computing, or waiting inside a call that does not return): time in
 * which a busy machine gave the processor to others is no fault of ours, and Linux says how much that was.
 */
import { readFileSync } from 'node:fs';

export interface Stall {
  /** Milliseconds that the loop stood still by our own doing, and in all. */
  readonly own: number;
  readonly late: number;
  /** Milliseconds of it that were computed; the rest of its own was waited for, as for a disk. */
  readonly computed: number;
  /** What was at work: calls, and other things that were named. */
  readonly during: readonly string[];
}

/** The longest that the loop may stand still. */
export const MOST_STALL = 200;
const BEAT = 20;
/** Names kept of what began last. */
const RECENT = 8;

const open = new Map<symbol, string>();
let recent: string[] = [];

/** Names what begins now, so that a stall says what it came from. @returns to be called at its end */
export function during(name: string): () => void {
  const key = Symbol(name);
  open.set(key, name);
  recent = [...recent.slice(1 - RECENT), name];
  return () => void open.delete(key);
}

export class LoopWatch {
  readonly #timer: NodeJS.Timeout;
  #onStall: (stall: Stall) => void;
  #at = performance.now();
  #waited = waitedForProcessor();
  #computed = computedByThread();
  /** The longest so far, by its own share. */
  longest: Stall = { own: 0, late: 0, computed: 0, during: [] };

  /** @param onStall called after each stall of `MOST_STALL` or longer */
  constructor(onStall: (stall: Stall) => void = () => undefined) {
    this.#onStall = onStall;
    this.#timer = setInterval(() => this.#beat(), BEAT).unref();
  }

  /** Who hears of stalls from now on. */
  tell(onStall: (stall: Stall) => void): void {
    this.#onStall = onStall;
  }

  /** The longest stall of all; a test looks at it at its end. */
  stop(): Stall {
    clearInterval(this.#timer);
    this.#beat();
    return this.longest;
  }

  #beat(): void {
    const now = performance.now();
    const late = now - this.#at - BEAT;
    if (late > BEAT) this.#note(late);
    // Reading what the system says costs a fiftieth of a millisecond.
    this.#waited = waitedForProcessor();
    this.#computed = computedByThread();
    this.#at = performance.now();
  }

  #note(late: number): void {
    const own = Math.max(0, late - Math.max(0, waitedForProcessor() - this.#waited));
    const stall = {
      own: Math.round(own),
      late: Math.round(late),
      computed: Math.round(computedByThread() - this.#computed),
      during: [...new Set([...open.values(), ...recent])],
    };
    if (own > this.longest.own) this.longest = stall;
    if (own >= MOST_STALL) this.#onStall(stall);
  }
}

/** Milliseconds that the main thread was ready to run and did not get a processor. Where the system does not say, none. */
function waitedForProcessor(): number {
  if (process.platform !== 'linux') return 0;
  try {
    // Of the process it is that of its first thread, which the loop runs in.
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6;
  } catch {
    // A kernel without it: late is late.
    return 0;
  }
}

/** Milliseconds that this thread has had a processor; where Node does not say, those of the process. */
function computedByThread(): number {
  const { threadCpuUsage } = process as { threadCpuUsage?: typeof process.cpuUsage };
  const { user, system } = (threadCpuUsage ?? process.cpuUsage).call(process);
  return (user + system) / 1000;
}
