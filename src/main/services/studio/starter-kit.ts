import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Starter } from '../../../shared/contract/starter.ts';
import type { DatasetSummary } from '../../../shared/domain/dataset-record.ts';
import { readingSchema } from '../../../shared/domain/dataset-record.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import { recipeSchema, recipeSettingsSchema } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ServiceContext } from '../context.ts';
import type { DatasetLibrary } from '../datasets/dataset-library.ts';
import type { ModelLibrary } from '../models/model-library.ts';

const NAME = 'Pirate answers';
const promptsSchema = z.array(z.string().min(1)).min(1);

/** The bundled model and dataset, for the tour. */
export class StarterKit {
  readonly #models: ModelLibrary;
  readonly #datasets: DatasetLibrary;
  readonly #folder: string;
  /** Shared by calls that come while the first is at work. */
  #opening: Promise<Starter> | null = null;

  constructor(context: ServiceContext, models: ModelLibrary, datasets: DatasetLibrary) {
    this.#models = models;
    this.#datasets = datasets;
    this.#folder = join(context.resources, 'starter');
  }

  /** Registers what is not registered yet, also what has been removed since. @throws AppError STARTER-FILE, and those of model and import */
  open(): Promise<Starter> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(): Promise<Starter> {
    const recipe = await this.#read('recipe.json', recipeSchema);
    const { version: _version, model: _model, dataset: _dataset, ...settings } = recipe;
    const prompts = await this.#read('prompts.json', promptsSchema);
    return { model: await this.#model(), dataset: await this.#dataset(), settings: recipeSettingsSchema.parse(settings), prompts };
  }

  async #model(): Promise<ModelRecord> {
    // Models are known by their real paths.
    const path = await realpath(join(this.#folder, 'model'));
    const known = this.#models.list().find((model) => model.source === 'starter' && model.path === path && model.state.kind === 'usable');
    return known ?? (await this.#models.open(path, 'starter'));
  }

  async #dataset(): Promise<DatasetSummary> {
    const known = this.#datasets.byOrigin('starter');
    if (known !== null) return known;
    const source = { kind: 'path', path: join(this.#folder, 'dataset.jsonl') } as const;
    try {
      for await (const update of this.#datasets.import(source, NAME, readingSchema.parse({}), new AbortController().signal, 'starter')) {
        if (update.kind === 'done') return update.dataset;
      }
    } catch (error) {
      // Another process of ours may have been faster: there is only one of this origin.
      const other = this.#datasets.byOrigin('starter');
      if (other !== null) return other;
      throw error;
    }
    throw new Error('an import ended without a dataset');
  }

  async #read<T>(name: string, schema: z.ZodType<T>): Promise<T> {
    const file = join(this.#folder, name);
    try {
      return schema.parse(JSON.parse(await readFile(file, 'utf8')));
    } catch (error) {
      throw new AppError(
        {
          code: 'STARTER-FILE',
          message: `${file}, which Tunesmith brings along, cannot be read: ${(error as Error).message}`,
          data: { file },
          remedy: 'Install Tunesmith again.',
        },
        error,
      );
    }
  }
}
