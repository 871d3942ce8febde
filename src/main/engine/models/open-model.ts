import { join } from 'node:path';
import { readJsonFile, readJsonFileIfPresent } from '../weights/json-file.ts';
import { checkFolder, openWeights, type WeightsFolder } from '../weights/weights-folder.ts';
import { modelOf } from './families.ts';
import type { Model } from './model.ts';

/** A model on disk, checked: every tensor that it needs is there with the right shape. Weights stay on disk. */
export interface ModelFolder extends WeightsFolder {
  readonly model: Model;
}

/** Opens a model folder and checks it against what its family asks for. @throws AppError as `readModel` and `openWeights` */
export async function openModel(path: string): Promise<ModelFolder> {
  const model = await readModel(path);
  return { model, ...(await openWeights(path, model)) };
}

/** The model of a folder, of which nothing but its config files is read. @throws AppError MODEL-FOLDER, and those of config.json */
export async function readModel(path: string): Promise<Model> {
  await checkFolder(path);
  const file = join(path, 'config.json');
  const [json, generation] = await Promise.all([readJsonFile(file), readJsonFileIfPresent(join(path, 'generation_config.json'))]);
  return modelOf(json, generation, file);
}

/** What the folder holds and the model does not use, in words; null where there is nothing. */
export function unusedTensorsNotice({ path, unusedTensors }: ModelFolder): string | null {
  const { length } = unusedTensors;
  if (length === 0) return null;
  const first = unusedTensors.slice(0, 3).join(', ');
  return `${path}: ${length} ${length === 1 ? 'tensor is' : 'tensors are'} not used by this kind of model: ${first}${length > 3 ? ', ...' : ''}.`;
}
