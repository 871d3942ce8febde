import type { StudioNotice } from '../../../shared/domain/studio-notice.ts';
import type { AppError } from '../../../shared/lib/app-error.ts';
import { AsyncQueue } from '../../../shared/lib/async-queue.ts';
import type { ServiceContext } from '../context.ts';

/** Milliseconds for which it is said that all is well again. */
const WELL = 60_000;
const WELL_AGAIN: StudioNotice = {
  code: 'REGISTRY-WELL',
  level: 'note',
  message: 'The registry is written again, with all that was kept.',
  remedy: null,
};

/** What pages and the terminal are told of the studio as a whole: once when it begins, and once when it is over. */
export class StudioNotices {
  readonly #health: ServiceContext['registry']['health'];
  readonly #others = new Map<string, StudioNotice>();
  readonly #listeners = new Set<() => void>();
  #wasFailing = false;
  #well: NodeJS.Timeout | null = null;

  constructor({ registry }: Pick<ServiceContext, 'registry'>) {
    this.#health = registry.health;
    this.#health.listen(() => this.#look());
  }

  list(): readonly StudioNotice[] {
    const faults = this.#health.faults.map(noticeOf);
    return [...faults, ...this.#others.values(), ...(this.#well === null ? [] : [WELL_AGAIN])];
  }

  /** Says something of another kind, or (null) that it is over. */
  set(code: string, notice: Omit<StudioNotice, 'code'> | null): void {
    if (notice === null ? !this.#others.delete(code) : this.#others.get(code)?.message === notice.message) return;
    if (notice !== null) this.#others.set(code, { ...notice, code });
    this.#tell();
  }

  /** All of them now and whenever they change. */
  watch(signal: AbortSignal): AsyncIterable<readonly StudioNotice[]> {
    const tell = () => queue.push(this.list());
    const leave = () => {
      this.#listeners.delete(tell);
      signal.removeEventListener('abort', end);
    };
    const queue = new AsyncQueue<readonly StudioNotice[]>(leave);
    const end = () => queue.end();
    signal.addEventListener('abort', end, { once: true });
    this.#listeners.add(tell);
    tell();
    return queue;
  }

  /** @returns how to stop listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    if (this.#well !== null) clearTimeout(this.#well);
  }

  #look(): void {
    const failing = this.#health.of('writes') !== null;
    if (this.#well !== null) clearTimeout(this.#well);
    this.#well = null;
    if (this.#wasFailing && !failing) {
      this.#well = setTimeout(() => {
        this.#well = null;
        this.#tell();
      }, WELL).unref();
    }
    this.#wasFailing = failing;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The remedies of errors speak of the change that failed; here nothing was asked for, and runs are what is at stake. */
function noticeOf({ code, message, remedy, data }: AppError): StudioNotice {
  const ofWrites = data?.['kind'] !== undefined && data['kind'] !== 'damaged';
  return {
    code,
    level: 'problem',
    message,
    remedy: ofWrites ? 'Runs go on: what they tell is kept, and written as soon as that is possible. Other changes have to wait.' : (remedy ?? null),
  };
}
