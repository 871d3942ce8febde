/** @file Answers as they grow: a pure reducer over what the host streams. Times are milliseconds of one clock. */
import type { Column, Generation, GenerateUpdate } from '../../../shared/domain/generation.ts';
import { assertNever } from '../../../shared/lib/assert-never.ts';
import { columnKey } from './columns.ts';

export interface LiveAnswer {
  /** As the host titled it, once the record is kept. */
  readonly title: string | null;
  readonly text: string;
  readonly tokens: number;
  readonly finished: 'stop' | 'length' | null;
  readonly first: { readonly at: number; readonly tokens: number } | null;
  readonly lastAt: number | null;
}

export interface LiveAnswers {
  readonly phase: 'idle' | 'running' | 'finished' | 'stopped';
  readonly progress: { readonly phase: string; readonly done: number; readonly total: number } | null;
  readonly notices: readonly string[];
  /** Keys of the columns asked, in the order of the request. */
  readonly keys: readonly string[];
  readonly answers: Readonly<Record<string, LiveAnswer>>;
  /** The record's, or null while there is none. */
  readonly generationId: string | null;
}

export type LiveEvent =
  | { readonly kind: 'asked'; readonly columns: readonly Column[] }
  | { readonly kind: 'update'; readonly update: GenerateUpdate; readonly at: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'restored'; readonly generation: Generation }
  | { readonly kind: 'cleared' };

export const NO_ANSWERS: LiveAnswers = { phase: 'idle', progress: null, notices: [], keys: [], answers: {}, generationId: null };
const SILENT: LiveAnswer = { title: null, text: '', tokens: 0, finished: null, first: null, lastAt: null };

export function liveAnswers(state: LiveAnswers, event: LiveEvent): LiveAnswers {
  switch (event.kind) {
    case 'asked': {
      const keys = event.columns.map(columnKey);
      return { ...NO_ANSWERS, phase: 'running', keys, answers: Object.fromEntries(keys.map((key) => [key, SILENT])) };
    }
    case 'update':
      return state.phase === 'running' ? updated(state, event.update, event.at) : state;
    case 'stopped':
      return state.phase === 'running' ? { ...state, phase: 'stopped', progress: null } : state;
    case 'restored':
      return kept(event.generation, []);
    case 'cleared':
      return NO_ANSWERS;
    default:
      return assertNever(event);
  }
}

function updated(state: LiveAnswers, update: GenerateUpdate, at: number): LiveAnswers {
  switch (update.kind) {
    case 'progress':
      return { ...state, progress: { phase: update.phase, done: update.done, total: update.total } };
    case 'notice':
      return state.notices.includes(update.message) ? state : { ...state, notices: [...state.notices, update.message] };
    case 'text': {
      const key = state.keys[update.column];
      const before = key === undefined ? undefined : state.answers[key];
      if (key === undefined || before === undefined) return state;
      const answer: LiveAnswer = {
        ...before,
        text: before.text + update.text,
        tokens: update.tokens,
        finished: update.finished,
        first: before.first ?? { at, tokens: update.tokens },
        lastAt: at,
      };
      return { ...state, progress: null, answers: { ...state.answers, [key]: answer } };
    }
    case 'done': {
      const done = kept(update.generation, state.notices);
      const timed = done.keys.map(
        (key) => [key, { ...done.answers[key]!, first: state.answers[key]?.first ?? null, lastAt: state.answers[key]?.lastAt ?? null }] as const,
      );
      return { ...done, answers: Object.fromEntries(timed) };
    }
    default:
      return assertNever(update);
  }
}

function kept({ id, answers }: Generation, notices: readonly string[]): LiveAnswers {
  const entries = answers.map(
    ({ column, title, text, tokens, finished }) => [columnKey(column), { ...SILENT, title, text, tokens, finished }] as const,
  );
  const phase = answers.every(({ finished }) => finished !== null) ? 'finished' : 'stopped';
  return { ...NO_ANSWERS, phase, notices, keys: entries.map(([key]) => key), answers: Object.fromEntries(entries), generationId: id };
}

/** Over the time between the first and the last batch; null where that says nothing. */
export function tokensPerSecond({ first, lastAt, tokens }: LiveAnswer): number | null {
  if (first === null || lastAt === null || lastAt <= first.at || tokens <= first.tokens) return null;
  return (tokens - first.tokens) / ((lastAt - first.at) / 1000);
}
