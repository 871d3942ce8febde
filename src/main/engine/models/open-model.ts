import { openModelFolder, type ModelFolder } from '../weights/model-folder.ts';
import { modelDefinition } from './model.ts';

/** Opens a model folder and checks it against what its family asks for. @throws AppError as `openModelFolder` */
export async function openModel(path: string): Promise<ModelFolder> {
  return openModelFolder(path, (config) => modelDefinition(config.family).tensors(config));
}

/** What the folder holds and the model does not use, in words; null where there is nothing. */
export function unusedTensorsNotice({ path, unusedTensors }: ModelFolder): string | null {
  const { length } = unusedTensors;
  if (length === 0) return null;
  const first = unusedTensors.slice(0, 3).join(', ');
  return `${path}: ${length} ${length === 1 ? 'tensor is' : 'tensors are'} not used by this kind of model: ${first}${length > 3 ? ', ...' : ''}.`;
}
