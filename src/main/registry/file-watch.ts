/**
 * @file Whether the file that is open still is the registry. Somebody may remove it, put another in its place or write over it; SQLite
 * goes on with the file that has no name any more, and all that comes later would be lost without a word.
 */
import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AppError } from '../../shared/lib/app-error.ts';
import { errnoOf } from '../../shared/lib/write-error.ts';
import { damageOf } from './contents-check.ts';
import type { Health } from './health.ts';

/** Milliseconds between two looks. */
const LOOK = 1000;
/** Bytes of the smallest database there is. */
const SMALLEST = 512n;

type Loss = 'removed' | 'replaced' | 'emptied';

const WORDS: Readonly<Record<Loss, string>> = {
  removed: 'has been removed while Tunesmith has it open',
  replaced: 'has been replaced by another file while Tunesmith has it open',
  emptied: 'has been cut off by another program while Tunesmith has it open',
};

export class FileWatch {
  readonly #file: string;
  readonly #health: Health;
  readonly #onLoss: (loss: Loss) => void;
  readonly #first: BigIntStats;
  #changed: bigint;
  #timer: NodeJS.Timeout | null = null;

  /** @param onLoss called once, when the file that is open has lost its name and only we can read it */
  constructor(file: string, health: Health, onLoss: (loss: Loss) => void) {
    this.#file = file;
    this.#health = health;
    this.#onLoss = onLoss;
    this.#first = statSync(file, { bigint: true });
    this.#changed = this.#first.mtimeNs;
    this.#later();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      this.#look()
        .catch((error: unknown) => this.#unreadable(error))
        .finally(() => {
          if (this.#timer !== null) this.#later();
        });
    }, LOOK).unref();
  }

  async #look(): Promise<void> {
    const loss = await this.#loss();
    if (loss === null) return this.#health.report('file', null);
    if (this.#health.of('file') !== null) return undefined;
    this.#health.report('file', lossError(this.#file, loss));
    return this.#onLoss(loss);
  }

  async #loss(): Promise<Loss | null> {
    const now = await stat(this.#file, { bigint: true }).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
      throw error;
    });
    if (now === null) return 'removed';
    if (now.ino !== this.#first.ino || now.dev !== this.#first.dev) return 'replaced';
    if (now.size < SMALLEST) return 'emptied';
    // SQLite writes into the file itself seldom; whoever did, what is there now must make sense.
    if (now.mtimeNs !== this.#changed) {
      const damage = damageOf(this.#file);
      if (damage !== null) this.#health.report('contents', damage);
    }
    this.#changed = now.mtimeNs;
    return null;
  }

  /** A disk that does not answer now is no loss; what SQLite meets there is told by the writes. */
  #unreadable(error: unknown): void {
    if (errnoOf(error) === undefined) throw error;
  }
}

function lossError(file: string, loss: Loss): AppError {
  return new AppError({
    code: 'REGISTRY-LOST',
    message: `The registry ${file} ${WORDS[loss]}. Nothing more is written to it.`,
    data: { file, loss },
    remedy:
      loss === 'emptied'
        ? 'Runs go on, and their folders are whole. End Tunesmith, put back a copy of the file (and remove registry.sqlite-wal and -shm), and start again; "tunesmith resume --out DIR" goes on with a run and lists it again.'
        : 'Runs go on, and their folders are whole. Put the same file back where it was, and all that was kept is written. Otherwise end Tunesmith and start it again; "tunesmith resume --out DIR" goes on with a run and lists it again.',
  });
}
