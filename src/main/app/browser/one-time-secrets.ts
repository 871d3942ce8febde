import { newSecret } from './session-key.ts';

/** More than a person opens at once; the oldest goes first. */
const MOST = 256;

/** Secrets that are worth something once: entry codes, and tickets for one download. */
export class OneTimeSecrets<T> {
  readonly #open = new Map<string, T>();

  /** @returns a new secret that stands for the value until it is used */
  issue(value: T): string {
    const secret = newSecret();
    this.#open.set(secret, value);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MOST) break;
      this.#open.delete(oldest);
    }
    return secret;
  }

  /** Uses a secret up. Undefined where there is none of the name, or not any more. */
  redeem(secret: string): T | undefined {
    const value = this.#open.get(secret);
    this.#open.delete(secret);
    return value;
  }
}
