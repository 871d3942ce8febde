import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The secret of one start of the browser host: printed in the terminal, then carried by a cookie. Whoever has it is the person at this machine. */
export class SessionToken {
  readonly value = randomBytes(32).toString('base64url');
  readonly #digest = digestOf(this.value);

  /** Takes the same time whatever the difference. */
  matches(candidate: string | null): boolean {
    return candidate !== null && timingSafeEqual(digestOf(candidate), this.#digest);
  }

  /** Whether a Cookie header carries it. The name has the port, since cookies of one address are shared by all its ports. */
  isIn(cookieHeader: string | undefined, port: number): boolean {
    const name = cookieName(port);
    for (const part of (cookieHeader ?? '').split(';')) {
      const [key, value] = part.trim().split('=', 2);
      if (key === name) return this.matches(value ?? null);
    }
    return false;
  }

  /** A Set-Cookie header: unreadable for scripts, sent by pages of this address only, gone with the browser. */
  cookie(port: number): string {
    return `${cookieName(port)}=${this.value}; Path=/; HttpOnly; SameSite=Strict`;
  }
}

function cookieName(port: number): string {
  return `tunesmith-${port}`;
}

/** Equal lengths, which the comparison wants. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
