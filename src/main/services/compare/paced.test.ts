import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Paced } from './paced.ts';

describe('Paced', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('acts at once after a pause and once an interval while asked often', () => {
    let acts = 0;
    const paced = new Paced(50, () => acts++);
    paced.ask();
    expect(acts).toBe(1);
    for (let i = 0; i < 100; i++) {
      paced.ask();
      vi.advanceTimersByTime(10);
    }
    expect(acts).toBeGreaterThanOrEqual(20);
    expect(acts).toBeLessThanOrEqual(21);
  });

  it('does not act again for what a flush has done, nor after closing', () => {
    let acts = 0;
    const paced = new Paced(50, () => acts++);
    paced.ask();
    paced.ask();
    paced.flush();
    vi.advanceTimersByTime(200);
    expect(acts).toBe(2);
    paced.ask();
    paced.ask();
    paced.close();
    vi.advanceTimersByTime(200);
    expect(acts).toBe(3);
  });
});
