/** @file One engine process that serves asks, seen from its host. */
import type { AppError } from '../../shared/lib/app-error.ts';
import { PROTOCOL_VERSION, residentMessageSchema, type Command, type EngineEvent, type ResidentJob } from '../engine/protocol.ts';
import type { EngineChild } from './engine-child.ts';
import { isFinal, type FinalEvent, type RunningJob } from './engine-host.ts';
import { lostEngine } from './lost-engine.ts';
import { modelOf } from './lost-job.ts';

/** Characters of what an engine printed that are kept. */
const TAIL = 8192;
/** Milliseconds within which a cancelled ask must be over; a process that does not get there hangs, and is ended. */
const CANCEL_GRACE = 15_000;

interface Ask {
  readonly job: ResidentJob;
  readonly onEvent: (event: EngineEvent) => void;
  readonly resolve: (last: FinalEvent) => void;
  readonly reject: (error: AppError) => void;
}

export class Resident {
  readonly #child: EngineChild;
  readonly #onIdle: () => void;
  /** Asks that somebody waits for. */
  readonly #asks = new Map<number, Ask>();
  /** Asks that were cancelled and are not over yet. */
  readonly #leaving = new Map<number, NodeJS.Timeout>();
  /** What is to be sent once the process is ready. */
  #waiting: Command[] | null = [];
  #next = 0;
  #output = '';
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;

  /** @param onIdle called whenever nothing is left to do */
  constructor(child: EngineChild, onIdle: () => void) {
    this.#child = child;
    this.#onIdle = onIdle;
    this.gone = new Promise((resolve) => {
      const lost = (how: string) => {
        this.#lose(how);
        resolve();
      };
      child.listen({
        message: (message) => this.#onMessage(message),
        output: (text) => void (this.#output = (this.#output + text).slice(-TAIL)),
        failed: (error) => lost(`could not be started: ${error.message}`),
        closed: lost,
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get busy(): boolean {
    return this.#asks.size > 0 || this.#leaving.size > 0;
  }

  /** `stop` ends the ask at once for who asked; the process breaks it off as soon as it can and lives on. */
  ask(job: ResidentJob, onEvent: (event: EngineEvent) => void): RunningJob {
    const number = this.#next++;
    const ended = new Promise<FinalEvent>((resolve, reject) => this.#asks.set(number, { job, onEvent, resolve, reject }));
    this.#send({ kind: 'ask', version: PROTOCOL_VERSION, ask: number, job });
    return { pid: this.#child.pid, ended, stop: () => this.#cancel(number) };
  }

  /** It has nothing to save; what it is still asked counts as stopped. */
  end(): void {
    for (const number of this.#asks.keys()) this.#cancel(number);
    this.#child.kill();
  }

  #cancel(number: number): void {
    const ask = this.#asks.get(number);
    if (ask === undefined) return;
    this.#asks.delete(number);
    this.#leaving.set(number, setTimeout(() => this.#child.kill(), CANCEL_GRACE).unref());
    this.#send({ kind: 'cancel', ask: number });
    ask.resolve({ kind: 'stopped', step: 0, checkpoint: null });
  }

  #send(command: Command): void {
    if (this.#waiting === null) this.#child.send(command);
    else this.#waiting.push(command);
  }

  #onMessage(message: unknown): void {
    const parsed = residentMessageSchema.safeParse(message);
    if (!parsed.success) {
      for (const { onEvent } of this.#asks.values())
        onEvent({ kind: 'log', level: 'warning', message: `The engine sent something unreadable: ${parsed.error.issues[0]?.message ?? ''}` });
      return;
    }
    if (parsed.data.kind === 'reply') this.#onReply(parsed.data.ask, parsed.data.event);
    else if (parsed.data.kind === 'ready') this.#begin();
    // Of no ask in particular: a command that the engine refused.
    else for (const { onEvent } of this.#asks.values()) onEvent(parsed.data);
  }

  #begin(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const command of waiting) this.#child.send(command);
  }

  #onReply(number: number, event: EngineEvent): void {
    const ask = this.#asks.get(number);
    ask?.onEvent(event);
    if (!isFinal(event)) return;
    clearTimeout(this.#leaving.get(number));
    this.#leaving.delete(number);
    this.#asks.delete(number);
    ask?.resolve(event);
    if (!this.busy) this.#onIdle();
  }

  #lose(how: string): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
    const asks = [...this.#asks.values()];
    this.#asks.clear();
    for (const { job, reject } of asks) reject(lostEngine(how, this.#output, 'Ask again: a new engine is started for it.', modelOf(job)));
  }
}
