import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { CountUpdate, InspectUpdate } from '../domain/inspection.ts';
import { recipeSettingsSchema } from '../domain/recipe/recipe.ts';
import { idSchema, procedure } from './procedure.ts';

const subject = { modelId: idSchema, datasetId: idSchema, settings: recipeSettingsSchema };

export const inspector = {
  /** Rows of the working copy as training will see them; loads no weights. */
  rows: procedure.input(z.object({ ...subject, first: z.int().min(0), count: z.int().min(1).max(100) })).output(eventIterator(type<InspectUpdate>())),
  /** Goes through the whole dataset; remembered, so that asking again costs nothing. */
  count: procedure.input(z.object(subject)).output(eventIterator(type<CountUpdate>())),
};
