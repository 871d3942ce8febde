/** @file What is about to be asked: columns, prompt, conversation and settings. Pure. */
import {
  generateRequestSchema,
  samplingSchema,
  type Column,
  type GenerateRequest,
  type Generation,
  type Manner,
  type Sampling,
} from '../../../shared/domain/generation.ts';
import { columnKey } from './columns.ts';

export interface AnswerSettings {
  readonly system: string;
  /** Without the chat template. */
  readonly plain: boolean;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly sampling: Sampling;
}

/** A turn that was answered, by the keys of the columns, so that columns may be moved and taken away. */
export interface SaidTurn {
  readonly prompt: string;
  readonly answers: Readonly<Record<string, string>>;
}

export interface Draft {
  readonly columns: readonly Column[];
  readonly prompt: string;
  /** System prompt and plain text are a person's own, and no longer taken from the runs. */
  readonly own: boolean;
  readonly settings: AnswerSettings;
}

export const DEFAULT_SETTINGS: AnswerSettings = { system: '', plain: false, maxNewTokens: 256, seed: 42, sampling: samplingSchema.parse({}) };

/** What the runs of the columns agree on; null where they do not, or nothing is known of one. */
export function commonManner(manners: readonly (Manner | null | undefined)[]): Manner | null {
  const [first] = manners;
  if (first === null || first === undefined) return null;
  return manners.every((each) => each?.plain === first.plain && each.system === first.system) ? first : null;
}

/** The draft asks as its runs were taught, until a person decides otherwise. */
export function withManner(draft: Draft, manner: Manner | null): Draft {
  if (draft.own || manner === null) return draft;
  return { ...draft, settings: { ...draft.settings, system: manner.system ?? '', plain: manner.plain } };
}

/** What a person has set; touching the system prompt or plain text makes both their own. */
export function withSettings(draft: Draft, settings: AnswerSettings): Draft {
  const touched = settings.system !== draft.settings.system || settings.plain !== draft.settings.plain;
  return { ...draft, own: draft.own || touched, settings };
}

/** Whether every column can go on from these turns. */
export function canGoOn(turns: readonly SaidTurn[], columns: readonly Column[]): boolean {
  return turns.length > 0 && turns.every(({ answers }) => columns.every((column) => (answers[columnKey(column)] ?? '') !== ''));
}

/** Null while something is missing: columns or a prompt. */
export function requestOf(modelId: string, { columns, prompt, settings }: Draft, turns: readonly SaidTurn[] = []): GenerateRequest | null {
  const { system, ...rest } = settings;
  const said = turns.map((turn) => ({ prompt: turn.prompt, answers: columns.map((column) => turn.answers[columnKey(column)] ?? '') }));
  const result = generateRequestSchema.safeParse({ modelId, columns, prompt, turns: said, system: system.trim() === '' ? null : system, ...rest });
  return prompt.trim() === '' || !result.success ? null : result.data;
}

/** All that led to these answers. */
export function draftOf({ request }: Generation): Draft {
  const { columns, prompt, system, plain, maxNewTokens, seed, sampling } = request;
  return { columns, prompt, own: true, settings: { system: system ?? '', plain, maxNewTokens, seed, sampling } };
}

/** What had been said before these answers. */
export function turnsOf({ request: { columns, turns } }: Generation): readonly SaidTurn[] {
  return turns.map(({ prompt, answers }) => ({
    prompt,
    answers: Object.fromEntries(columns.map((column, index) => [columnKey(column), answers[index] ?? ''])),
  }));
}
