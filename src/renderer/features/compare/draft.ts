/** @file What is about to be asked: columns, prompt and settings. Pure. */
import { generateRequestSchema, samplingSchema, type Column, type GenerateRequest, type Generation, type Sampling } from '../../../shared/domain/generation.ts';

export interface AnswerSettings {
  readonly system: string;
  /** Without the chat template. */
  readonly plain: boolean;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly sampling: Sampling;
}

export interface Draft {
  readonly columns: readonly Column[];
  readonly prompt: string;
  readonly settings: AnswerSettings;
}

export const DEFAULT_SETTINGS: AnswerSettings = { system: '', plain: false, maxNewTokens: 256, seed: 42, sampling: samplingSchema.parse({}) };

/** Null while something is missing: columns or a prompt. */
export function requestOf(modelId: string, { columns, prompt, settings }: Draft): GenerateRequest | null {
  const { system, ...rest } = settings;
  const result = generateRequestSchema.safeParse({ modelId, columns, prompt, system: system.trim() === '' ? null : system, ...rest });
  return prompt.trim() === '' || !result.success ? null : result.data;
}

/** All that led to these answers. */
export function draftOf({ request }: Generation): Draft {
  const { columns, prompt, system, plain, maxNewTokens, seed, sampling } = request;
  return { columns, prompt, settings: { system: system ?? '', plain, maxNewTokens, seed, sampling } };
}
