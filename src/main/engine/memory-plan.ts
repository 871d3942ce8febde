/**
 * @file What a training run will take, told before it starts from the very graphs that it will run. The figure is the largest resident
 * size of the engine process: what `memory` events tell while it runs, and what a system monitor shows.
 */
import type { LengthLevel } from '../../shared/domain/inspection.ts';
import type { Recipe } from '../../shared/domain/recipe/recipe.ts';
import { programMemory, type ProgramMemory } from './backends/onnx/workspace.ts';
import type { Bucket } from './data/batch.ts';
import type { Model } from './models/model.ts';
import { readModel } from './models/open-model.ts';
import { selectCopies, selectLoraTargets } from './train/lora-targets.ts';
import { slotsOf } from './train/optim/optimizer.ts';
import { optimizerOf } from './train/optim/optimizers.ts';
import { buildMicroStep, buildUpdate, type TrainingPlan } from './train/programs.ts';
import { CHUNK_ROWS, LENGTH_STEP, MOST_BUCKETS } from './train/shapes.ts';
import { type Trainable, trainableLayout, trainAdapters, trainEverything } from './train/trainable.ts';

export interface MemoryPlan {
  readonly weights: number;
  /** What is trained, with its gradient and the optimizer's slots. */
  readonly adapter: number;
  readonly activations: number;
  /** The engine itself and its compiled programs. */
  readonly engine: number;
  readonly total: number;
  /** The largest micro-batch of the run. */
  readonly largest: Bucket;
}

/**
 * Node with the watchdog's thread, ONNX Runtime, the tokenizer and what building programs leaves in the heap: measured, `npm run bench -- memory`. An
 * engine that finds its sources compiled (files/compiled-code.ts) takes some 60 MiB less than the first one; this is the middle of the two.
 */
const PROCESS_BYTES = 176 * 2 ** 20;
/** A step writes the next value of the vector, its gradient and each slot beside the present ones. */
const COPIES = 2;
/** Layers are all alike, so two shallow models tell what each more of them takes. */
const [SHALLOW, DEEPER] = [3, 5] as const;

/** As `planMemory`, for the model that the recipe names; of its folder the config files alone are read. @throws AppError as `readModel` */
export async function planRecipe(recipe: Recipe, parameters: number, levels: readonly LengthLevel[]): Promise<MemoryPlan> {
  return planMemory(recipe, await readModel(recipe.model), parameters, levels);
}

/** Memory of a run on the CPU, in f32. @param levels of every row that is trained on; in any order of rows no micro-batch is larger */
export function planMemory(recipe: Recipe, model: Model, parameters: number, levels: readonly LengthLevel[]): MemoryPlan {
  const largest = largestBucket(recipe, levels);
  const { layout } = planOf(recipe, model);
  const optimizer = optimizerOf(recipe);
  const states = 2 * layout.size + slotsOf(optimizer, layout).reduce((sum, { size }) => sum + size, 0);
  const micro = acrossLayers(model, (shallow) => programMemory(buildMicroStep(planOf(recipe, shallow), largest)));
  const update = programMemory(buildUpdate(planOf(recipe, model.withLayers(1)), optimizer, recipe.max_grad_norm));
  const lengths = new Set(levels.map(({ length }) => roundUp(Math.min(length, recipe.max_length), LENGTH_STEP)));
  const parts = {
    // Where every weight is trained, none lies frozen beside the trainable vector.
    weights: recipe.finetuning_type === 'full' ? 0 : parameters * 4,
    adapter: states * 4 * COPIES,
    activations: micro.workspace,
    engine: PROCESS_BYTES + Math.min(MOST_BUCKETS, Math.max(1, lengths.size)) * micro.program + update.program,
  };
  return { ...parts, total: parts.weights + parts.adapter + parts.activations + parts.engine, largest };
}

/** Where the longest rows come together. Rows are shuffled anew in every epoch, so a long run meets nearly that. */
export function largestBucket(recipe: Recipe, levels: readonly LengthLevel[]): Bucket {
  const cut = levels.map(({ length, rows, targets }) => ({
    length: Math.min(length, recipe.max_length),
    rows,
    targets: Math.min(targets, recipe.max_length - 1),
  }));
  const all = cut.reduce((sum, { rows }) => sum + rows, 0);
  const batch = Math.min(recipe.per_device_train_batch_size, Math.max(1, all));
  if (recipe.packing) return largestPacks(recipe, levels);
  const step = recipe.pad_to_multiple_of ?? LENGTH_STEP;
  const length = roundUp(Math.max(1, ...cut.map((level) => level.length)), step);
  const rows = most(cut, batch, ({ targets }) => targets);
  if (!recipe.padding_free) return { batch, length, rows: Math.max(1, rows) };
  return {
    batch: 1,
    length: roundUp(
      most(cut, batch, (level) => level.length),
      step,
    ),
    rows: Math.max(1, rows),
    segmented: true,
  };
}

/** The sum over the `count` rows that have most. */
function most(levels: readonly LengthLevel[], count: number, of: (level: LengthLevel) => number): number {
  let [left, sum] = [count, 0];
  for (const level of levels.toSorted((a, b) => of(b) - of(a))) {
    const taken = Math.min(left, level.rows);
    sum += taken * of(level);
    left -= taken;
  }
  return sum;
}

/** Packs are full but for the last ones. */
function largestPacks(
  { max_length: full, per_device_train_batch_size: size, pad_to_multiple_of: multiple, packing_strategy: strategy }: Recipe,
  levels: readonly LengthLevel[],
): Bucket {
  const sum = (of: (level: LengthLevel) => number) => levels.reduce((total, level) => total + level.rows * of(level), 0);
  const batch = Math.min(
    size,
    Math.max(
      1,
      sum(({ length }) => Math.ceil(length / full)),
    ),
  );
  const length = roundUp(
    Math.min(
      full,
      Math.max(
        1,
        sum((level) => level.length),
      ),
    ),
    multiple ?? LENGTH_STEP,
  );
  return {
    batch,
    length,
    rows: Math.max(
      1,
      Math.min(
        batch * (length - 1),
        sum(({ targets }) => targets),
      ),
    ),
    segmented: strategy !== 'wrapped',
  };
}

function planOf(recipe: Recipe, model: Model): TrainingPlan {
  const trainable = trainableOf(recipe, model);
  return {
    model,
    dtype: 'f32',
    trainable,
    layout: trainableLayout(trainable),
    chunkRows: CHUNK_ROWS,
    recompute: recipe.gradient_checkpointing === 'per_layer',
  };
}

function trainableOf({ finetuning_type: trained, lora }: Recipe, model: Model): Trainable {
  if (trained === 'full') return trainEverything(model);
  const selection = { targetModules: lora.target_modules, rank: lora.r, alpha: lora.lora_alpha, rsLora: lora.use_rslora };
  return trainAdapters(
    selectLoraTargets(model.linears, selection),
    lora.lora_dropout,
    selectCopies(Object.values(model.tables), lora.modules_to_save ?? []),
  );
}

function acrossLayers(model: Model, of: (model: Model) => ProgramMemory): ProgramMemory {
  const { layers } = model.sizes;
  if (layers <= DEEPER) return of(model);
  const [shallow, deeper] = [of(model.withLayers(SHALLOW)), of(model.withLayers(DEEPER))];
  const at = (name: keyof ProgramMemory) => deeper[name] + ((layers - DEEPER) * (deeper[name] - shallow[name])) / (DEEPER - SHALLOW);
  return { workspace: at('workspace'), program: at('program') };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
