/** @file Where the trainable vector starts: a fresh adapter, one from disk, or a checkpoint. */
import { seededRandom } from '../../../shared/lib/seeded-random.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { loraScale, readPeftAdapter, type AdapterOnDisk, type AdapterTensors, type LoraConfigParsed } from '../export/peft-adapter.ts';
import type { ModelFolder } from '../models/open-model.ts';
import { NO_RESTRICTION, namesFor } from '../export/module-selection.ts';
import { adapterFromFlat, flatFromAdapter } from './adapter-state.ts';
import { flatView, type FlatLayout } from './flat-layout.ts';
import { selectLoraTargets } from './lora-targets.ts';
import { trainableLayout, type LoraTarget, type Trainable } from './trainable.ts';

export interface StartingPoint {
  readonly trainable: Extract<Trainable, { kind: 'lora' }>;
  readonly layout: FlatLayout;
  /** f32 [layout.size] */
  readonly values: Float32Array;
  /** What the adapter's config file will say. */
  readonly adapterConfig: LoraConfigParsed;
  /** What a person should know of an adapter that is trained further. */
  readonly notices: readonly string[];
}

/** @throws AppError E-TARGET, and those of an adapter folder */
export async function startingPoint(recipe: Recipe, folder: ModelFolder): Promise<StartingPoint> {
  return recipe.adapter === null ? freshAdapter(recipe, folder) : adapterFromDisk(await readPeftAdapter(recipe.adapter, folder.model.linears), recipe, folder);
}

function freshAdapter(recipe: Recipe, { path, model }: ModelFolder): StartingPoint {
  const { r, lora_alpha: alpha, lora_dropout: dropout, use_rslora: rsLora, target_modules: targetModules } = recipe.lora;
  const targets = selectLoraTargets(model.linears, { targetModules, rank: r, alpha, rsLora });
  const trainable = { kind: 'lora', targets, dropout } as const;
  const layout = trainableLayout(model, trainable);
  return {
    trainable,
    layout,
    values: initialValues(layout, targets, recipe.seed),
    adapterConfig: {
      r,
      loraAlpha: alpha,
      loraDropout: dropout,
      useRslora: rsLora,
      ...NO_RESTRICTION,
      // PEFT makes tensors for whatever these names match: no more than the layers that are trained.
      targetModules: namesFor(targets.map(({ linear }) => linear.path), model.linears.map((linear) => linear.path)),
      rankPattern: {},
      alphaPattern: {},
      baseModelNameOrPath: path,
    },
    notices: [],
  };
}

/** A uniform in +-1/sqrt(in) (Kaiming with a = sqrt 5), B zero, as PEFT's default; the draws are ours (spec 6.2). */
function initialValues(layout: FlatLayout, targets: readonly LoraTarget[], seed: number): Float32Array {
  const values = new Float32Array(layout.size);
  const draw = seededRandom(seed);
  targets.forEach(({ linear }, i) => {
    const bound = 1 / Math.sqrt(linear.in);
    const a = flatView(layout.entries[2 * i]!, values);
    for (let j = 0; j < a.length; j++) a[j] = (2 * draw() - 1) * bound;
  });
  return values;
}

function adapterFromDisk(adapter: AdapterOnDisk, recipe: Recipe, { path, model }: ModelFolder): StartingPoint {
  const targets = model.linears.flatMap((linear): LoraTarget[] => {
    const pair = adapter.tensors.get(linear.path);
    return pair ? [{ linear, rank: pair.rank, alpha: pair.alpha, scale: loraScale(pair, adapter.config.useRslora) }] : [];
  });
  const trainable = { kind: 'lora', targets, dropout: recipe.lora.lora_dropout } as const;
  const layout = trainableLayout(model, trainable);
  const adapterConfig = { ...adapter.config, loraDropout: recipe.lora.lora_dropout, baseModelNameOrPath: path };
  return { trainable, layout, values: flatFromAdapter(layout, targets, adapter), adapterConfig, notices: adapter.notices };
}

/** The flat vector as an adapter; arrays are views into it. */
export function adapterOf({ trainable, layout, adapterConfig }: StartingPoint, values: Float32Array): AdapterTensors {
  return adapterFromFlat(layout, values, trainable.targets, adapterConfig);
}
