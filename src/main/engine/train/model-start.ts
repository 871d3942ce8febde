/** @file A run that trains every weight: it starts from the model's own, as f32 masters, and yields a model. */
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import type { ModelFolder } from '../models/open-model.ts';
import { templateText } from '../text/chat-template/given-template.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { f32Tensor, readTensorF32, type TensorToWrite } from '../weights/safetensors.ts';
import { writeModelFolder } from '../weights/write-model-folder.ts';
import { type FlatLayout, flatView } from './flat-layout.ts';
import type { StartingPoint } from './starting-point.ts';
import { trainableLayout, trainEverything } from './trainable.ts';

export async function modelStart(recipe: Recipe, folder: ModelFolder, tokenizer: Tokenizer): Promise<StartingPoint> {
  const trainable = trainEverything(folder.model);
  const layout = trainableLayout(trainable);
  const chatTemplate = recipe.chat_template === null ? null : templateText(recipe.chat_template);
  const eosTokenId = recipe.eos_token === null ? null : (tokenizer.tokenId(recipe.eos_token) ?? null);
  return {
    trainable,
    layout,
    values: await valuesOf(folder, layout),
    yields: 'model',
    notices: [],
    constants: () => [...folder.model.constants],
    write: (path, values, options) =>
      writeModelFolder(path, { base: folder.path, tensors: tensorsOf(layout, values), chatTemplate, eosTokenId }, options),
  };
}

async function valuesOf({ tensors }: ModelFolder, layout: FlatLayout): Promise<Float32Array> {
  const values = new Float32Array(layout.size);
  for (const entry of layout.entries) flatView(entry, values).set(await readTensorF32(tensors.get(entry.name)!));
  return values;
}

/** Views into the vector: nothing is copied. */
function tensorsOf(layout: FlatLayout, values: Float32Array): readonly TensorToWrite[] {
  return layout.entries.map((entry) => f32Tensor(entry.name, entry.shape, flatView(entry, values)));
}
