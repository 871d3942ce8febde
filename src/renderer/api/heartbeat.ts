/**
 * @file Asks the host now and then whether it still answers. A host that is frozen (suspended, out of memory, stuck) keeps its socket
 * open: nothing breaks, and without this a page would show old figures as if they were new.
 */

export interface Beat {
  /** Resolves with any answer; rejects, or is broken off by the signal, where there is none. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** Milliseconds between two questions, and how long an answer may take on a busy machine. */
  readonly every: number;
  readonly patience: number;
  readonly onSilence: (silent: boolean) => void;
}

/** @returns how to stop */
export function startHeartbeat({ ask, every, patience, onSilence }: Beat): () => void {
  let ended = false;
  let timer: ReturnType<typeof setTimeout>;
  const beat = async () => {
    // Only what hangs is silence: a refusal or a broken connection is an answer, and told elsewhere.
    const signal = AbortSignal.timeout(patience);
    await ask(signal).catch(() => undefined);
    if (ended) return;
    onSilence(signal.aborted);
    timer = setTimeout(() => void beat(), signal.aborted ? 0 : every);
  };
  timer = setTimeout(() => void beat(), every);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
