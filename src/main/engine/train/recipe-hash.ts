/** @file Whether a checkpoint was written with these settings: the hash of the recipe that every checkpoint holds. */
import { createHash } from 'node:crypto';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';

/**
 * Fields that recipes had when checkpoints began to hold the hash. Any other came later and counts only where it is not at its default,
 * which means what was done before it came: so the checkpoints of earlier versions still belong to their recipes. Never add to this list.
 */
const ALWAYS: ReadonlySet<string> = new Set([
  'version',
  'model',
  'adapter',
  'loss',
  'max_length',
  'chat_template',
  'eos_token',
  'pad_to_multiple_of',
  'num_train_epochs',
  'max_steps',
  'per_device_train_batch_size',
  'gradient_accumulation_steps',
  'train_sampling_strategy',
  'learning_rate',
  'lr_scheduler_type',
  'warmup_steps',
  'weight_decay',
  'adam_beta1',
  'adam_beta2',
  'adam_epsilon',
  'max_grad_norm',
  'precision',
  'seed',
  'data_seed',
  'logging_steps',
  'save_steps',
  'save_total_limit',
  'dataset',
  'dataset.file',
  'dataset.format',
  'dataset.mapping',
  'dataset.pairs',
  'dataset.encoding',
  'lora',
  'lora.r',
  'lora.lora_alpha',
  'lora.lora_dropout',
  'lora.use_rslora',
  'lora.target_modules',
]);
const DEFAULTS = recipeSchema.parse({ model: '-', dataset: { file: '-' } });

/** sha256 of a recipe; keys may stand in any order. */
export function recipeHash(recipe: object): string {
  return createHash('sha256')
    .update(canonicalJson(counted(recipe, DEFAULTS, '')))
    .digest('hex');
}

function counted(values: object, defaults: object, prefix: string): object {
  const entries = Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const path = prefix + name;
    const usual = (defaults as Readonly<Record<string, unknown>>)[name];
    if (!ALWAYS.has(path)) return usual !== undefined && canonicalJson(value) === canonicalJson(usual) ? [] : [[name, value] as const];
    return [[name, isTable(value) && isTable(usual) ? counted(value, usual, `${path}.`) : value] as const];
  });
  return Object.fromEntries(entries);
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
