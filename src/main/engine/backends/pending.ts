/** @file Programs of backends that compute on the host: runs one after another, each done before its outputs are asked for or soon after. */
import type { Feeds, Outputs, Pending, Program } from './backend.ts';

/** Runs of one session, in the order in which they were asked for. */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();

  enqueue(run: () => Promise<Outputs>): Pending {
    const outputs = this.#last.then(run);
    // Whoever reads is told; nobody has to.
    this.#last = outputs.catch(() => undefined);
    return { read: () => outputs };
  }

  async settled(): Promise<void> {
    await this.#last;
  }
}

export function queuedProgram(
  queue: RunQueue,
  program: { readonly name: string; run(feeds: Feeds): Promise<Outputs>; dispose(): Promise<void> },
): Program {
  const enqueue = (feeds: Feeds) => queue.enqueue(() => program.run(feeds));
  return { name: program.name, enqueue, run: (feeds) => enqueue(feeds).read(), dispose: () => program.dispose() };
}
