/** @file Where a run starts and what it yields: an adapter beside frozen weights, or the weights themselves. */
import type { OutcomeKind } from '../../../shared/domain/outcome.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { StateSpec } from '../backends/backend.ts';
import type { FileSystem } from '../../files/file-system.ts';
import type { FileSeal } from '../../files/seal.ts';
import type { ModelFolder } from '../models/open-model.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { adapterStart } from './adapter-start.ts';
import { modelStart } from './model-start.ts';
import type { FlatLayout } from './flat-layout.ts';
import type { Trainable } from './trainable.ts';

export interface StartingPoint {
  readonly trainable: Trainable;
  readonly layout: FlatLayout;
  /** f32 [layout.size] */
  readonly values: Float32Array;
  readonly yields: OutcomeKind;
  /** What a person should know of it. */
  readonly notices: readonly string[];
  /** The constants that programs need beside the trainable vector. */
  constants(dtype: 'f32' | 'bf16'): StateSpec[];
  /** Writes the vector as what the run yields: an adapter's folder, or a model's. @returns the files, as they were written */
  write(folder: string, values: Float32Array, options?: WriteOutcomeOptions): Promise<Readonly<Record<string, FileSeal>>>;
}

export interface WriteOutcomeOptions {
  readonly fs?: FileSystem;
  /** False inside a folder that is renamed as a whole. Default true. */
  readonly atomic?: boolean;
}

/** @throws AppError E-TARGET, and those of an adapter folder */
export async function startingPoint(recipe: Recipe, folder: ModelFolder, tokenizer: Tokenizer): Promise<StartingPoint> {
  return recipe.finetuning_type === 'full' ? modelStart(recipe, folder, tokenizer) : adapterStart(recipe, folder);
}
