import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { generateRequestSchema, type Generation, type GenerateUpdate } from '../domain/generation.ts';
import { byId, procedure } from './procedure.ts';

export const playground = {
  /** All columns answer one prompt with one seed, from one set of base weights. Breaking off keeps what was said so far. */
  generate: procedure.input(generateRequestSchema).output(eventIterator(type<GenerateUpdate>())),
  /** Newest first. */
  history: procedure.input(z.object({ limit: z.int().min(1).max(500).default(100) })).output(type<readonly Generation[]>()),
  forget: procedure.input(byId).output(type<void>()),
};
