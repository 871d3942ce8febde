import { createHash } from 'node:crypto';
import { z } from 'zod';
import { metricPointSchema, metricValuesSchema } from '../../../shared/domain/metrics.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { stateSeal } from '../adapters/checkpoint-seal.ts';
import type { FlatLayout } from './flat-layout.ts';

/** Version of trainer_state.json; raise it with an entry in UPGRADERS. */
export const TRAINER_STATE_VERSION = 3;
/** From here on a state is sealed. */
const FIRST_SEALED = 2;
/** Log lines kept in a checkpoint; the whole log is in the run's own file. */
export const LOG_TAIL = 1000;

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const fileSchema = z.object({ bytes: count, sha256: hash });

/** What a resumed run needs beside the arrays. Names as in transformers' file of the same name where they exist. */
const trainerStateSchema = z.object({
  version: z.literal(TRAINER_STATE_VERSION),
  /** Optimiser steps done; also AdamW's t. */
  global_step: count,
  max_steps: count,
  /** Epochs done, with fraction. */
  epoch: z.number().min(0),
  /** Where the next micro-batch comes from: epoch (0-based) and micro-batch in it. */
  data_position: z.object({ epoch: count, micro_batch: count }),
  /** States of the generators in use, by name; whole numbers or text. */
  rng: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number())])),
  tokens_seen: count,
  /** Newest last, at most LOG_TAIL points, without the clock. */
  log_history: z.array(metricPointSchema).max(LOG_TAIL),
  /** The best evaluation so far, by the recipe's metric, and its step. */
  best_metric: z.number().nullable().default(null),
  best_global_step: count.nullable().default(null),
  /** Evaluations since the last that counts as an improvement. */
  early_stopping_patience_counter: count.default(0),
  /** Steps since the last line of the log; null where a line has just ended. */
  log_window: z
    .object({ steps: count.min(1), loss: z.number(), target_tokens: count, micro_batches: count, sums: metricValuesSchema })
    .nullable()
    .default(null),
  /** What `loss: auto` meant for conversations when the run began; checkpoints from before it meant the turns do not say. */
  auto_loss: z.enum(['turns', 'all']).default('all'),
  recipe_hash: z.string(),
  layout_hash: z.string(),
  /** What the run trains on, as it was found when this attempt began; null in checkpoints of older versions. */
  inputs: z
    .object({
      /** Weight files by size and hash; of many gigabytes only samples are hashed (see run-inputs.ts). */
      weights: z.array(z.object({ ...fileSchema.shape, whole: z.boolean() })),
      config: hash,
      tokenizer: hash,
      chat_template: hash,
      /** Content hash of the canonical rows. */
      rows: z.string(),
      /** The same of an evaluation file; null where there is none. */
      eval_rows: z.string().nullable().default(null),
      /** Cache of the encoded rows: its name, and the hash of what it holds. */
      encoded: z.object({ key: hash, sha256: hash }),
    })
    .nullable(),
  /** The other files of the checkpoint, hashed as they were written; null in checkpoints of older versions. */
  files: z.record(z.string(), fileSchema).nullable(),
  /** sha256 of this state without the seal; null in checkpoints of older versions. */
  seal: hash.nullable(),
});
export type TrainerState = Readonly<z.infer<typeof trainerStateSchema>>;
export type RunInputs = NonNullable<TrainerState['inputs']>;

interface Upgrader {
  readonly name: string;
  readonly upgrade: (state: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** `{ step, loss, grad_norm, learning_rate, tokens }` as a point. What is no such line stays, and is refused by the schema. */
function pointOf(line: unknown): unknown {
  if (typeof line !== 'object' || line === null) return line;
  const { step, tokens, ...values } = line as Readonly<Record<string, unknown>>;
  return { step, values: Object.fromEntries(Object.entries({ ...values, num_tokens: tokens }).filter(([, value]) => value !== null)) };
}

/** From version N (the key) to N + 1. */
const UPGRADERS: Readonly<Record<number, Upgrader>> = {
  1: { name: 'no seal, no inputs', upgrade: (state) => ({ ...state, version: 2, inputs: null, files: null, seal: null }) },
  2: {
    name: 'one form of log line',
    upgrade: ({ log_history: lines, ...state }) => ({ ...state, version: 3, log_history: Array.isArray(lines) ? lines.map(pointOf) : lines }),
  },
};

/** @throws AppError CHECKPOINT-STATE naming the file, also where it is not as it was written */
export function parseTrainerState(json: unknown, file: string): TrainerState {
  const version = versionOf(json) ?? 0;
  if (version >= FIRST_SEALED && version <= TRAINER_STATE_VERSION && stateSeal(json as object) !== (json as { readonly seal?: unknown }).seal)
    throw stateError(file, 'it was changed after it was written (its seal does not fit)');
  const upgraded = upgradeState(json, file);
  const result = trainerStateSchema.safeParse(upgraded);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw stateError(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'unreadable'}`);
}

/** The state as it is written. */
export function sealed(state: Omit<TrainerState, 'version' | 'seal'>): TrainerState {
  const whole = { version: TRAINER_STATE_VERSION, ...state } as const;
  return { ...whole, seal: stateSeal(whole) };
}

/** sha256 over names, shapes and offsets: two runs with the same hash have the same flat arrays. */
export function layoutHash(layout: FlatLayout): string {
  const entries = layout.entries.map(({ name, shape, offset }) => ({ name, shape: [...shape], offset }));
  return sha256(canonicalJson({ size: layout.size, entries }));
}

function upgradeState(json: unknown, file: string): unknown {
  let state = json;
  for (;;) {
    const version = versionOf(state);
    if (version === null) throw stateError(file, 'it has no version');
    if (version > TRAINER_STATE_VERSION) throw stateError(file, `version ${version} is from a newer Tunesmith`);
    if (version === TRAINER_STATE_VERSION) return state;
    const upgrader = UPGRADERS[version];
    if (upgrader === undefined) throw stateError(file, `version ${version} cannot be read any more`);
    state = upgrader.upgrade(state as Readonly<Record<string, unknown>>);
  }
}

function versionOf(state: unknown): number | null {
  if (typeof state !== 'object' || state === null || !('version' in state)) return null;
  return typeof state.version === 'number' ? state.version : null;
}

function stateError(file: string, what: string): AppError {
  return new AppError({
    code: 'CHECKPOINT-STATE',
    message: `${file}: ${what}.`,
    data: { file },
    remedy: 'Resume the run: it goes on from the newest checkpoint that is whole.',
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
