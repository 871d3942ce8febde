/**
 * @file What runs tell while the registry cannot be written. A write that fails stays owed and is tried again, further and further
 * apart, without anybody waiting for it: training goes on, and what it told is written when that is possible again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AppError } from '../../shared/lib/app-error.ts';
import type { Database } from './database.ts';
import type { Health } from './health.ts';
import { faultOf, registryError } from './registry-faults.ts';

/** Milliseconds before the next try, doubled up to the last. */
const FIRST_RETRY = 100;
const LAST_RETRY = 2000;
/** Milliseconds for which another program may write before it is worth a word. */
const BUSY_UNTOLD = 2000;

/** What one run has told and the registry has not yet. */
export interface Debt {
  /** Writes it or its oldest part, inside a transaction. */
  write(): void;
  /** What was written is in the registry. @returns whether more is owed */
  written(): boolean;
  /** The registry refuses it, and always will. */
  refused(error: unknown): void;
}

export class KeptWrites {
  readonly #database: Database;
  readonly #health: Health;
  readonly #onWritten: () => void;
  readonly #debts = new Set<Debt>();
  #timer: NodeJS.Timeout | null = null;
  #retry = FIRST_RETRY;
  #failingSince: number | null = null;

  constructor(database: Database, health: Health, onWritten: () => void) {
    this.#database = database;
    this.#health = health;
    this.#onWritten = onWritten;
  }

  /** Writes now, or as soon as that is possible. */
  owe(debt: Debt): void {
    this.#debts.add(debt);
    if (this.#timer === null) this.#pay();
  }

  get owing(): boolean {
    return this.#debts.size > 0;
  }

  /**
   * Waits until everything is written, at most so many milliseconds.
   * @param onWait told once why it has to wait, when that is worth a word
   * @returns why it is not written, or null
   */
  async settle(milliseconds: number, onWait: (fault: AppError) => void): Promise<AppError | null> {
    let told = false;
    for (let left = milliseconds; this.owing && left > 0; left -= FIRST_RETRY) {
      this.#pay();
      const fault = this.#fault;
      if (fault !== null && !told) onWait(fault);
      told ||= fault !== null;
      if (this.owing) await delay(FIRST_RETRY);
    }
    return this.owing ? this.#fault : null;
  }

  get #fault(): AppError | null {
    return this.#health.of('file') ?? this.#health.of('writes');
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** One after the other, as they came, up to the first that cannot be written. */
  #pay(): void {
    this.close();
    // A file that is no longer the registry must not take what nobody would find again.
    if (!this.#database.open || this.#health.of('file') !== null) return this.#later();
    const [debt] = this.#debts;
    if (debt === undefined) return this.#well();
    try {
      this.#database.transaction(() => debt.write()).immediate();
      if (!debt.written()) this.#debts.delete(debt);
    } catch (error) {
      if (faultOf(error) !== null) return this.#failed(error);
      this.#debts.delete(debt);
      debt.refused(error);
    }
    this.#onWritten();
    if (!this.owing) return this.#well();
    // A long debt is written in parts, with turns of the loop between them.
    this.#payIn(0);
  }

  #failed(error: unknown): void {
    const now = performance.now();
    this.#failingSince ??= now;
    // First, for who hears of it may have more to write.
    this.#later();
    if (faultOf(error) !== 'busy' || now - this.#failingSince >= BUSY_UNTOLD)
      this.#health.report('writes', registryError(this.#database.name, error) as AppError);
  }

  #later(): void {
    if (!this.#database.open) return;
    this.#payIn(this.#retry);
    this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
  }

  #payIn(milliseconds: number): void {
    this.close();
    this.#timer = setTimeout(() => this.#pay(), milliseconds);
  }

  #well(): void {
    this.#retry = FIRST_RETRY;
    this.#failingSince = null;
    this.#health.report('writes', null);
  }
}
