import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that fits into an address, a header and a WebSocket's protocol name: 32 random bytes. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The secret of one start of the browser host: whoever has it is the person at this machine. Only an entry code is exchanged for it. */
export class SessionKey {
  readonly value = newSecret();
  readonly #digest = digestOf(this.value);

  /** Takes the same time whatever the difference. */
  matches(candidate: string | null | undefined): boolean {
    return typeof candidate === 'string' && timingSafeEqual(digestOf(candidate), this.#digest);
  }
}

/** Equal lengths, which the comparison wants. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
