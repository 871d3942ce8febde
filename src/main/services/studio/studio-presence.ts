import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { lockHolder, OsLock } from '../../files/os-lock.ts';
import type { StudioNotices } from './studio-notices.ts';

const CODE = 'STUDIO-SECOND';
/** Milliseconds between two looks whether the other studio has gone. */
const LOOK = 3000;

/** Says so for as long as another studio has the same data folder open. Both work; what one does, the other sees when it looks again. */
export class StudioPresence {
  readonly #file: string;
  readonly #notices: StudioNotices;
  #lock: OsLock | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(root: string, notices: StudioNotices) {
    this.#file = join(root, 'studio.lock');
    this.#notices = notices;
    this.#look();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#lock?.release();
  }

  #look(): void {
    try {
      this.#lock = OsLock.tryTake(this.#file);
      this.#notices.set(
        CODE,
        this.#lock === null
          ? {
              level: 'warning',
              message: this.#words(),
              remedy:
                'Both can be used: runs and saved changes of one show in the other when its screen is opened again. If you did not mean to start a second one, end this one.',
            }
          : null,
      );
    } catch (error) {
      const message = error instanceof AppError ? error.message : String(error);
      this.#notices.set(CODE, {
        level: 'warning',
        message: `Whether another Tunesmith has this data folder open cannot be known: ${message}`,
        remedy: null,
      });
    }
    if (this.#lock === null) this.#timer = setTimeout(() => this.#look(), LOOK).unref();
  }

  #words(): string {
    const holder = lockHolder(this.#file);
    const who = holder === null ? '' : ` (process ${holder.pid}${holder.machine === hostname() ? '' : ` on ${holder.machine}`})`;
    return `Another Tunesmith${who} has this data folder open.`;
  }
}
