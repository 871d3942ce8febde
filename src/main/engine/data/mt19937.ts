/**
 * Mersenne Twister 19937, seeded by the plain 32-bit initialiser: the stream of torch's CPU generator.
 * Source: Matsumoto and Nishimura 1998; torch equality is checked in test/parity/text.test.ts.
 */
const N = 624;
const M = 397;

export class Mt19937 {
  private readonly state = new Uint32Array(N);
  private index = N;

  /** `seed`: its low 32 bits are used, as torch does. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`[mt19937] seed must be a non-negative integer, got ${seed}`);
    this.state[0] = seed % 2 ** 32;
    for (let i = 1; i < N; i++) {
      const previous = this.state[i - 1] as number;
      this.state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** Uniform in [0, 2^32). */
  nextUint32(): number {
    if (this.index === N) this.refill();
    let y = this.state[this.index++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  private refill(): void {
    const s = this.state;
    for (let i = 0; i < N; i++) {
      const y = ((s[i] as number) & 0x80000000) | ((s[(i + 1) % N] as number) & 0x7fffffff);
      s[i] = (s[(i + M) % N] as number) ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    this.index = 0;
  }
}
