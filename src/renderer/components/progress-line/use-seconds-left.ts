import { useRef } from 'react';
import { rateStart, secondsLeft, type RateStart } from './seconds-left.ts';

/** Time left by the rate since the work was first seen; null while too little is known. */
export function useSecondsLeft(done: number, total: number): number | null {
  const first = useRef<RateStart | null>(null);
  const now = performance.now() / 1000;
  first.current = rateStart(first.current, done, total, now);
  return secondsLeft(first.current, done, total, now);
}
