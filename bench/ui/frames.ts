import type { Page } from 'playwright-core';

/** What frames took while something was done. */
export interface FrameTimes {
  readonly frames: number;
  /** Frames over seconds, from the first to the last. */
  readonly framesPerSecond: number;
  /** Milliseconds that 95 of 100 frames took at most, and the longest. */
  readonly p95: number;
  readonly longest: number;
}

/** Notes the time of each animation frame of the page while `work` runs. */
export async function measureFrames(page: Page, work: () => Promise<void>): Promise<FrameTimes> {
  await page.evaluate(() => {
    const times: number[] = [];
    const note = (time: number) => {
      times.push(time);
      state.handle = requestAnimationFrame(note);
    };
    const state = { times, handle: requestAnimationFrame(note) };
    (globalThis as unknown as { frameState: typeof state }).frameState = state;
  });
  await work();
  const times = await page.evaluate(() => {
    const { frameState } = globalThis as unknown as { frameState: { times: number[]; handle: number } };
    cancelAnimationFrame(frameState.handle);
    return frameState.times;
  });
  const gaps = times
    .slice(1)
    .map((time, i) => time - times[i]!)
    .sort((x, y) => x - y);
  const seconds = (times.at(-1)! - times[0]!) / 1000;
  return {
    frames: gaps.length,
    framesPerSecond: gaps.length / seconds,
    p95: gaps[Math.floor(gaps.length * 0.95)]!,
    longest: gaps.at(-1)!,
  };
}
