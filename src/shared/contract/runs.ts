import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { recipeSettingsSchema } from '../domain/recipe/recipe.ts';
import type { MeasureUpdate, RecipeCheck, RunDependents, RunDetail, RunEstimate, RunSummary, RunWatchUpdate } from '../domain/run-record.ts';
import { byId, idSchema, nameSchema, procedure } from './procedure.ts';

/** As typed into the form: parsed as a whole by `parseRecipe`, so that all problems come together. */
const draft = { modelId: idSchema, datasetId: idSchema, settings: z.record(z.string(), z.unknown()) };
const subject = { modelId: idSchema, datasetId: idSchema, settings: recipeSettingsSchema };

export const runs = {
  check: procedure.input(z.object(draft)).output(type<RecipeCheck>()),
  estimate: procedure.input(z.object(subject)).output(type<RunEstimate>()),
  /** Takes a few real steps in a folder that is thrown away, and tells what they took. */
  measure: procedure.input(z.object(subject)).output(eventIterator(type<MeasureUpdate>())),
  /**
   * Saves pending edits of the dataset as a version, then starts. A name that another run has gets a number. The tour has one run at a
   * time: asked again while it is at work, from whichever window, the answer is that run.
   */
  start: procedure
    .input(z.object({ ...subject, name: nameSchema.nullable(), origin: z.literal('tour').nullable().default(null) }))
    .output(type<RunSummary>()),
  list: procedure.output(type<readonly RunSummary[]>()),
  /** The whole list at first and whenever something in it changed; at most 4 a second. */
  watchList: procedure.output(eventIterator(type<readonly RunSummary[]>())),
  get: procedure.input(byId).output(type<RunDetail>()),
  /** The state and the history first, then what is new, until broken off. Goes on across stop and resume. */
  watch: procedure.input(byId).output(eventIterator(type<RunWatchUpdate>())),
  /** Saves and ends; asked again, ends at once. Reaches runs of the command line too. */
  stop: procedure.input(byId).output(type<void>()),
  resume: procedure.input(byId).output(type<RunSummary>()),
  rename: procedure.input(z.object({ id: idSchema, name: nameSchema })).output(type<void>()),
  note: procedure.input(z.object({ id: idSchema, notes: z.string().max(20_000) })).output(type<void>()),
  /** What to know before it is deleted. */
  dependents: procedure.input(byId).output(type<RunDependents>()),
  /** Deletes the run with its folder; refused while it is active. */
  remove: procedure.input(byId).output(type<void>()),
};
