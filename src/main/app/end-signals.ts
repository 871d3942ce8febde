/** Ctrl-C, a service that is stopped, a terminal that is closed or a logout; on Windows Ctrl-Break too, which says the same as the first. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.platform === 'win32' ? (['SIGBREAK'] as const) : [])];
/** Milliseconds within which signals are one request: kernel and shell both tell of a closed terminal, a logout sends TERM and HUP, and npm passes on what the group has had already. */
const SAME = 500;

/**
 * Listens for requests to end.
 * @param first called with the first one: saves and ends
 * @param again called with each one after it, which a person has made on purpose: ends at once
 * @returns takes the listeners off
 */
export function onEndSignals(
  first: (signal: NodeJS.Signals) => void,
  again: (signal: NodeJS.Signals) => void,
  now: () => number = () => performance.now(),
): () => void {
  let askedAt: number | null = null;
  const listener = (signal: NodeJS.Signals) => {
    if (askedAt === null) {
      askedAt = now();
      first(signal);
    } else if (signal !== 'SIGHUP' && now() - askedAt >= SAME) again(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/**
 * A reader that has gone (`| head`, a closed terminal) must not end a program that is saving: from then on what is printed goes nowhere.
 * @param onGone called each time something could not be printed for that reason
 */
export function outliveReaders(onGone: () => void = () => undefined): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
      onGone();
    });
  }
}
