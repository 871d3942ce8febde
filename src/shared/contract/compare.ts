import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { columnSchema, generateRequestSchema, type Generation, type GenerateUpdate, type Manner, type Readiness } from '../domain/generation.ts';
import { byId, idSchema, procedure } from './procedure.ts';

export const compare = {
  /** All columns answer one prompt with one seed, from one set of base weights. Breaking off keeps what was said so far. */
  generate: procedure.input(generateRequestSchema).output(eventIterator(type<GenerateUpdate>())),
  /** Loads what questions to these columns need, and keeps it for a while: the first answer then begins at once. */
  warm: procedure.input(z.object({ modelId: idSchema, columns: z.array(columnSchema).min(1).max(8) })).output(type<Readiness>()),
  /** How a run's rows ask the model; null where they cannot be read any more. */
  manner: procedure.input(z.object({ runId: idSchema })).output(type<Manner | null>()),
  /** Newest first. */
  history: procedure.input(z.object({ limit: z.int().min(1).max(500).default(100) })).output(type<readonly Generation[]>()),
  forget: procedure.input(byId).output(type<void>()),
};
