import type { Health } from '../../registry/health.ts';

/** Tells a run once that the registry does not take what it tells, and once that it does again. */
export class LedgerNews {
  readonly #health: Health;
  readonly #dropped: () => number;
  #tell: (message: string) => void = () => undefined;
  #unlisten: () => void = () => undefined;
  #told = false;

  /** @param dropped points that memory had no room for */
  constructor(health: Health, dropped: () => number) {
    this.#health = health;
    this.#dropped = dropped;
  }

  tellTo(tell: (message: string) => void): void {
    this.#tell = tell;
    this.#unlisten = this.#health.listen(() => this.#look());
    this.#look();
  }

  /** The registry will not take what was told until now; its folder has it. */
  refused(error: unknown): void {
    this.#tell(
      `The registry does not take what this run tells (${error instanceof Error ? error.message : String(error)}). The run goes on, and its folder has all of it.`,
    );
  }

  close(): void {
    this.#unlisten();
  }

  #look(): void {
    const gone = this.#health.of('file');
    const fault = gone ?? this.#health.of('writes');
    if (fault !== null && !this.#told) {
      this.#tell(
        `${fault.message} The run goes on; its points are kept, and written ${gone === null ? 'when that is possible again' : 'only if the file comes back. Its folder has all of them'}.`,
      );
    }
    if (fault === null && this.#told) this.#tell(`The registry is written again, with all that was kept.${this.#droppedWords()}`);
    this.#told = fault !== null;
  }

  #droppedWords(): string {
    const dropped = this.#dropped();
    return dropped === 0 ? '' : ` ${dropped} points of the curve did not fit into memory; events.jsonl in the run's folder has them.`;
  }
}
