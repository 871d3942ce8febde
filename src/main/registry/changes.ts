import type { Database } from './database.ts';
import { faultOf } from './registry-faults.ts';

/** Milliseconds between two looks at whether another process has written. */
const POLL = 200;

/**
 * Tells when the registry may have changed: at once for this process's own writes, within `POLL` for those of another
 * (SQLite counts them in `data_version`). Says only that something changed; listeners read what they care for.
 */
export class Changes {
  readonly #database: Database;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #seen = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns how to stop listening */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === null) {
      this.#seen = this.#dataVersion() ?? this.#seen;
      this.#timer = setInterval(() => this.#look(), POLL).unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** To be called after each write of this process. */
  emit(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const version = this.#dataVersion();
    // It is looked at again soon.
    if (version === null || version === this.#seen) return;
    this.#seen = version;
    this.emit();
  }

  /** Null where the file cannot be read at this moment: in a timer nobody would catch the error. */
  #dataVersion(): number | null {
    try {
      return this.#database.pragma('data_version', { simple: true }) as number;
    } catch (error) {
      if (faultOf(error) === null) throw error;
      return null;
    }
  }
}
