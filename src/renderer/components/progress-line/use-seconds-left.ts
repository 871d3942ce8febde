import { useRef } from 'react';

/** Seconds that have to pass before a rate is believed. */
const WARMUP = 1;

/** Time left by the rate since the work was first seen; null while too little is known. */
export function useSecondsLeft(done: number, total: number): number | null {
  const first = useRef<{ readonly done: number; readonly time: number } | null>(null);
  const now = performance.now() / 1000;
  if (first.current === null || done < first.current.done) first.current = { done, time: now };
  const elapsed = now - first.current.time;
  const rate = (done - first.current.done) / elapsed;
  return elapsed < WARMUP || rate <= 0 || total <= 0 ? null : Math.max(0, (total - done) / rate);
}
