import { z } from 'zod';
import type { Recipe } from './recipe/recipe.ts';

/** What a run yields: an adapter beside its base, or a model of its own. */
export const outcomeKindSchema = z.enum(['adapter', 'model']);
export type OutcomeKind = z.infer<typeof outcomeKindSchema>;

/** Weights on disk: the folder of a PEFT adapter or of a whole model, final or of a checkpoint. */
export const outcomeSchema = z.object({ kind: outcomeKindSchema, folder: z.string() });
export type Outcome = Readonly<z.infer<typeof outcomeSchema>>;

/** What a run of this recipe yields. */
export function outcomeKindOf({ finetuning_type: trained }: Pick<Recipe, 'finetuning_type'>): OutcomeKind {
  return trained === 'full' ? 'model' : 'adapter';
}
