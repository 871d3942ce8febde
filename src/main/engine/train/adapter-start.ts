/** @file A run that trains an adapter: a fresh one, or one from disk. */
import { seededRandom } from '../../../shared/lib/seeded-random.ts';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { NO_RESTRICTION, namesFor } from '../adapters/module-selection.ts';
import {
  loraScale,
  readPeftAdapter,
  writePeftAdapter,
  type AdapterOnDisk,
  type LoraConfigParsed,
  type SavedModule,
} from '../adapters/peft-adapter.ts';
import { modelStates } from '../models/model-states.ts';
import type { ModelFolder } from '../models/open-model.ts';
import type { TableSpec } from '../nn/parameters.ts';
import { readTensorF32 } from '../weights/safetensors.ts';
import { adapterFromFlat, flatFromAdapter } from './adapter-state.ts';
import { flatView, type FlatLayout } from './flat-layout.ts';
import { selectCopies, selectLoraTargets } from './lora-targets.ts';
import type { StartingPoint } from './starting-point.ts';
import { trainableLayout, trainAdapters, type LoraTarget } from './trainable.ts';

/** @throws AppError E-TARGET, and those of an adapter folder */
export async function adapterStart(recipe: Recipe, folder: ModelFolder): Promise<StartingPoint> {
  return recipe.adapter === null
    ? freshAdapter(recipe, folder)
    : adapterFromDisk(await readPeftAdapter(recipe.adapter, folder.model.linears, Object.values(folder.model.tables)), recipe, folder);
}

async function freshAdapter(recipe: Recipe, folder: ModelFolder): Promise<StartingPoint> {
  const { r, lora_alpha: alpha, lora_dropout: dropout, use_rslora: rsLora, target_modules: targetModules, modules_to_save: named } = recipe.lora;
  const { linears } = folder.model;
  const targets = selectLoraTargets(linears, { targetModules, rank: r, alpha, rsLora });
  const copies = selectCopies(Object.values(folder.model.tables), named ?? []);
  const modules = await Promise.all(copies.map((table) => baseTable(folder, table)));
  const config: LoraConfigParsed = {
    r,
    loraAlpha: alpha,
    loraDropout: dropout,
    useRslora: rsLora,
    ...NO_RESTRICTION,
    // PEFT makes tensors for whatever these names match: no more than the layers that are trained.
    targetModules: namesFor(
      targets.map(({ linear }) => linear.path),
      linears.map(({ path }) => path),
    ),
    rankPattern: {},
    alphaPattern: {},
    baseModelNameOrPath: folder.path,
    ...(named === null ? {} : { modulesToSave: named }),
  };
  return startOf(folder, { targets, copies }, config, [], (layout) => {
    const values = initialValues(layout, targets, recipe.seed);
    modules.forEach((module, i) => flatView(layout.entries[2 * targets.length + i]!, values).set(module));
    return values;
  });
}

function adapterFromDisk(adapter: AdapterOnDisk, recipe: Recipe, folder: ModelFolder): StartingPoint {
  const targets = folder.model.linears.flatMap((linear): LoraTarget[] => {
    const pair = adapter.tensors.get(linear.path);
    return pair ? [{ linear, rank: pair.rank, alpha: pair.alpha, scale: loraScale(pair, adapter.config.useRslora) }] : [];
  });
  const config = { ...adapter.config, loraDropout: recipe.lora.lora_dropout, baseModelNameOrPath: folder.path };
  const copies = [...(adapter.modules ?? new Map<string, SavedModule>()).values()].map(({ table }) => table);
  return startOf(folder, { targets, copies }, config, adapter.notices, (layout) => flatFromAdapter(layout, targets, adapter));
}

/** The table as the base has it; a tied head's is the embedding. */
async function baseTable({ tensors, model }: ModelFolder, { path }: TableSpec): Promise<Float32Array> {
  return readTensorF32((tensors.get(`${path}.weight`) ?? tensors.get(`${model.tables.embedding.path}.weight`))!);
}

interface Trained {
  readonly targets: readonly LoraTarget[];
  readonly copies: readonly TableSpec[];
}

/** @param config what the adapter's config file will say */
function startOf(
  folder: ModelFolder,
  { targets, copies }: Trained,
  config: LoraConfigParsed,
  notices: readonly string[],
  valuesOf: (layout: FlatLayout) => Float32Array,
): StartingPoint {
  const trainable = trainAdapters(targets, config.loraDropout, copies);
  const layout = trainableLayout(trainable);
  return {
    trainable,
    layout,
    values: valuesOf(layout),
    yields: 'adapter',
    notices,
    constants: (dtype) => modelStates(folder, dtype),
    write: (path, values, options = {}) => writePeftAdapter(path, adapterFromFlat(layout, values, targets, config, copies), options),
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
