import type { AppError } from '../../shared/lib/app-error.ts';

/** Who looks after what: writes that are kept, the file in its place, what is in it. */
type Source = 'writes' | 'file' | 'contents';

/** What is wrong with the registry now; tells when that changes. */
export class Health {
  readonly #faults = new Map<Source, AppError>();
  readonly #listeners = new Set<() => void>();

  /** Null when it is well. The same fault again is no news. */
  report(source: Source, fault: AppError | null): void {
    const before = this.#faults.get(source) ?? null;
    if (before?.message === fault?.message) return;
    if (fault === null) this.#faults.delete(source);
    else this.#faults.set(source, fault);
    for (const listener of this.#listeners) listener();
  }

  of(source: Source): AppError | null {
    return this.#faults.get(source) ?? null;
  }

  get faults(): readonly AppError[] {
    return [...this.#faults.values()];
  }

  /** @returns how to stop listening */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
