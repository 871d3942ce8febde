import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { ModelRecord } from '../domain/model.ts';
import { byId, procedure } from './procedure.ts';

export type ScanUpdate =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'found'; readonly model: ModelRecord }
  | { readonly kind: 'done'; readonly found: number };

export const models = {
  list: procedure.output(type<readonly ModelRecord[]>()),
  get: procedure.input(byId).output(type<ModelRecord>()),
  /** Reads the facts of a folder in Hugging Face format and remembers it. One that the engine cannot run is an error. */
  open: procedure.input(z.object({ path: z.string().min(1).max(4096) })).output(type<ModelRecord>()),
  /** Looks through the Hugging Face cache and the folders of the settings. What cannot be run is remembered with the reason. */
  scan: procedure.output(eventIterator(type<ScanUpdate>())),
  /** Forgets the model; its folder stays. */
  forget: procedure.input(byId).output(type<void>()),
};
