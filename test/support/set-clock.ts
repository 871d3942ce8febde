/** @file Loaded into a process before all else (`--import`): once the file named by CLOCK_SET_BACK is there, the clock on the wall is an hour back. */
import { existsSync } from 'node:fs';

const file = process.env['CLOCK_SET_BACK'] ?? '';
const RealDate = Date;
const realNow = Date.now;
const now = (): number => realNow() - (existsSync(file) ? 3_600_000 : 0);

class SetDate extends RealDate {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(now());
    else super(...(given as [number]));
  }

  static override now(): number {
    return now();
  }
}
globalThis.Date = SetDate as DateConstructor;
