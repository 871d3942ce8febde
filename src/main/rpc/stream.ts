/**
 * A service's updates as the stream of a call. `stop` is aborted when the caller breaks off, disconnects or leaves the loop, so
 * that no service works for nobody.
 */
export async function* streamOf<T>(signal: AbortSignal | undefined, start: (stop: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T, void, void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    yield* start(stop.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
    abort();
  }
}
