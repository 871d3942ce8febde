/** @file What of our sources and of what reads for them has run, by V8's own count: an input that reaches what none before it reached is worth keeping. */
import { Session } from 'node:inspector/promises';

/** Our sources, and what reads for them. */
const OURS = /\/src\/(?:main|shared)\/|\/node_modules\/(?:zod|@huggingface)\//;

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();
  #last: string[] = [];

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether something ran since the last call that had not run before. */
  async isNew(): Promise<boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    this.#last = [];
    for (const { url, functions } of result) {
      if (!OURS.test(url)) continue;
      for (const { ranges } of functions)
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const block = `${url}:${startOffset}:${endOffset}`;
          if (this.#seen.has(block)) continue;
          this.#seen.add(block);
          this.#last.push(block);
        }
    }
    return this.#last.length > 0;
  }

  /** What the last look found counts as new once more. */
  forgetLast(): void {
    for (const block of this.#last) this.#seen.delete(block);
  }

  get blocks(): number {
    return this.#seen.size;
  }
}
