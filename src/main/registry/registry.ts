import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/lib/app-error.ts';
import { openDatabase, type Database } from './database.ts';
import { Changes } from './changes.ts';
import { damageOf } from './contents-check.ts';
import { FileWatch } from './file-watch.ts';
import { Health } from './health.ts';
import { KeptWrites } from './kept-writes.ts';
import { faultOf, registryError } from './registry-faults.ts';

/** Milliseconds for which a change that somebody asked for is tried again while another program writes, and between two tries. */
const PATIENCE = 3000;
const RETRY = 100;

/** The registry as services hold it: repositories over one database. Each repository is a file beside this one. */
export class Registry {
  readonly database: Database;
  readonly changes: Changes;
  readonly health = new Health();
  /** What runs tell: written whenever that is possible. */
  readonly kept: KeptWrites;
  /** Changes that wait for another program to let go, one behind the other: each try holds up the loop for a moment. */
  #line: Promise<unknown> | null = null;
  readonly #watch: FileWatch;

  private constructor(database: Database) {
    this.database = database;
    this.changes = new Changes(database);
    this.kept = new KeptWrites(database, this.health, () => this.changes.emit());
    this.#watch = new FileWatch(database.name, this.health, (loss) => {
      if (loss !== 'emptied') void this.#rescue();
    });
  }

  /** @param patience milliseconds to wait for a program that holds it @throws AppError REGISTRY-NEWER, REGISTRY-BROKEN, REGISTRY-BUSY, REGISTRY-EMPTY */
  static open(file: string, patience?: number): Registry {
    return new Registry(openDatabase(file, undefined, patience));
  }

  /** False once it is closed: what comes late has nowhere to go. */
  get isOpen(): boolean {
    return this.database.open;
  }

  /**
   * A change that somebody asked for, whole or not at all. It is made at once, or tried again for a while; nobody else waits for it.
   * @throws AppError REGISTRY-BUSY, DISK-FULL, FILE-DENIED, REGISTRY-DISK, REGISTRY-BROKEN; what `work` throws
   */
  write<T>(work: () => T): Promise<T> {
    return this.#inTurn(() => {
      if (!this.isOpen)
        throw new AppError({ code: 'REGISTRY-CLOSED', message: 'Tunesmith is ending, and takes no more changes.', remedy: 'Start it again.' });
      const lost = this.health.of('file');
      if (lost !== null) throw lost;
      const result = this.database.transaction(work).immediate();
      this.changes.emit();
      return result;
    });
  }

  /** Reads that are tried again in the same way; they must not change anything. @throws as `write` */
  async read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#patiently(work, performance.now() + PATIENCE);
  }

  /** Looks for damage that nobody has met yet. */
  check(): void {
    this.health.report('contents', damageOf(this.database.name));
  }

  /** A fault of the file in words; anything else passes unchanged. */
  inWords(error: unknown): unknown {
    this.isFault(error);
    return registryError(this.database.name, error);
  }

  /** Whether the file could not be read or written at this moment; damage is told wherever it is met. */
  isFault(error: unknown): boolean {
    const kind = faultOf(error);
    if (kind === 'damaged') this.health.report('contents', registryError(this.database.name, error) as AppError);
    return kind !== null;
  }

  close(): void {
    this.changes.close();
    this.kept.close();
    this.#watch.close();
    this.database.close();
  }

  /** What the file that has lost its name holds is written beside it, for it is gone when we end. */
  async #rescue(): Promise<void> {
    const copy = join(dirname(this.database.name), `registry-rescued-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.sqlite`);
    try {
      await this.database.backup(copy);
    } catch {
      // The folder is gone as well, or full: that the registry is lost is told in any case.
      return;
    }
    const lost = this.health.of('file');
    if (lost !== null) this.health.report('file', new AppError({ ...lost.toFields(), message: `${lost.message} What it held is saved in ${copy}.` }));
  }

  async #inTurn<T>(work: () => T): Promise<T> {
    try {
      if (this.#line === null) return work();
    } catch (error) {
      if (faultOf(error) !== 'busy') throw registryError(this.database.name, error);
    }
    const deadline = performance.now() + PATIENCE;
    const before = this.#line ?? Promise.resolve();
    const mine = before.then(() => this.#patiently(work, deadline));
    const line = mine
      .catch(() => undefined)
      .finally(() => {
        if (this.#line === line) this.#line = null;
      });
    this.#line = line;
    return mine;
  }

  async #patiently<T>(work: () => T | Promise<T>, deadline: number): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (faultOf(error) !== 'busy' || performance.now() > deadline) throw registryError(this.database.name, error);
      }
      await delay(RETRY);
    }
  }
}
