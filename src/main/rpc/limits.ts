/**
 * @file How much each call may ask with and be answered with, in characters of JSON, about; of a stream, each message. What is a list
 * or a page is made to fit by the service that makes it; this is the wall behind them, where messages enter and leave.
 */
import { AppError } from '../../shared/lib/app-error.ts';
import { weightOf } from '../../shared/lib/weight.ts';

const KB = 1024;
const MB = 1024 * KB;

export interface CallLimit {
  readonly asked: number;
  readonly answered: number;
}

/** Ids, names and paths; a state. */
const USUAL: CallLimit = { asked: 64 * KB, answered: MB };
/** A recipe's settings may hold a chat template. */
const SETTINGS = 2 * MB;

/** Calls that may have more than is usual, each with what it has it for. */
export const LIMITS: Readonly<Record<string, Partial<CallLimit>>> = {
  'models.list': { answered: 8 * MB },
  'models.get': { answered: 2 * MB },
  'models.open': { answered: 2 * MB },
  'models.scan': { answered: 2 * MB },
  'datasets.list': { answered: 8 * MB },
  'datasets.versions': { answered: 8 * MB },
  'datasets.sketch': { answered: 2 * MB },
  // Pages of rows (services/datasets/row-pages.ts).
  'datasets.rows': { answered: 4 * MB },
  'datasets.versionRows': { answered: 4 * MB },
  'datasets.badRows': { answered: 4 * MB },
  'datasets.mend': { asked: 8 * MB, answered: 8 * MB },
  // A row of the longest that can be changed.
  'datasets.edit': { asked: 4 * MB },
  'datasets.compare': { answered: 8 * MB },
  'inspector.rows': { asked: SETTINGS, answered: 16 * MB },
  'inspector.count': { asked: SETTINGS, answered: 4 * MB },
  'runs.check': { asked: SETTINGS, answered: SETTINGS },
  'runs.estimate': { asked: SETTINGS },
  'runs.measure': { asked: SETTINGS },
  'runs.start': { asked: SETTINGS },
  'runs.list': { answered: 8 * MB },
  'runs.watchList': { answered: 8 * MB },
  'runs.get': { answered: SETTINGS },
  'runs.watch': { answered: 4 * MB },
  // What was said before goes along.
  'compare.generate': { asked: 8 * MB, answered: 16 * MB },
  'compare.history': { answered: 16 * MB },
  'system.listFolder': { answered: 2 * MB },
  'settings.get': { answered: MB },
  'settings.update': { asked: MB },
  'starter.open': { answered: SETTINGS },
};

export function limitOf(call: string): CallLimit {
  return { ...USUAL, ...(Object.hasOwn(LIMITS, call) ? LIMITS[call] : {}) };
}

/** @throws AppError MESSAGE-TOO-LARGE */
export function assertWithin(call: string, way: keyof CallLimit, message: unknown): void {
  const most = limitOf(call)[way];
  if (weightOf(message, most) <= most) return;
  throw new AppError({
    code: 'MESSAGE-TOO-LARGE',
    message: `${way === 'asked' ? 'What was sent with' : 'The answer to'} ${call} has more than ${most >= MB ? `${most / MB} MB` : `${most / KB} KB`}.`,
    data: { call, most },
    remedy: way === 'asked' ? 'Send less at once.' : 'Ask for less at once, or take out what makes it so large.',
  });
}
