/** Seconds that have to pass before a rate is believed. */
const WARMUP = 1;

/** Where work was when its rate began to be taken. */
export interface RateStart {
  readonly done: number;
  readonly total: number;
  /** Seconds. */
  readonly time: number;
}

/** Other work has begun when the total is another one, or less is done than before: its rate says nothing of this. */
export function rateStart(first: RateStart | null, done: number, total: number, now: number): RateStart {
  return first === null || done < first.done || total !== first.total ? { done, total, time: now } : first;
}

/** Time left by the rate since then; null while too little is known, and once all is done: what follows is other work. */
export function secondsLeft(first: RateStart, done: number, total: number, now: number): number | null {
  const elapsed = now - first.time;
  const rate = (done - first.done) / elapsed;
  return elapsed < WARMUP || rate <= 0 || total <= 0 || done >= total ? null : (total - done) / rate;
}
