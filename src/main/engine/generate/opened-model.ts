import { refuseChanged } from '../adapters/checkpoint-seal.ts';
import { openModel, type ModelFolder } from '../models/open-model.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer/tokenizer.ts';

/** All of a model but its weights. */
export interface OpenedModel {
  readonly folder: ModelFolder;
  readonly tokenizer: Tokenizer;
}

/** How a job comes to a model: read anew, or from what a resident engine keeps. */
export type OpenModel = (folder: string) => Promise<OpenedModel>;

/** @throws AppError as `openModel` and `loadTokenizer`; CHECKPOINT-DAMAGED where it is a checkpoint of ours and not as it was written */
export async function openWithTokenizer(path: string): Promise<OpenedModel> {
  await refuseChanged(path, null);
  return { folder: await openModel(path), tokenizer: await loadTokenizer(path) };
}
