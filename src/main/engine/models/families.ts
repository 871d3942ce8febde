/** @file The families of models, by `model_type` of config.json: one line each. */
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { parseFile, type ConfigSource } from './config-fields.ts';
import { gptNeox } from './gpt-neox/build.ts';
import { llama } from './llama/build.ts';
import type { Model } from './model.ts';
import { opt } from './opt/build.ts';
import { qwen2 } from './qwen2/build.ts';

/** Makes a model of its config.json. @throws AppError MODEL-CONFIG, and MODEL-UNSUPPORTED for what would be computed differently from transformers */
type Family = (source: ConfigSource) => Model;

const FAMILIES = new Map<string, Family>(
  Object.entries({
    llama,
    qwen2,
    opt,
    gpt_neox: gptNeox,
  }),
);

/**
 * The model that config.json (and generation_config.json, if there is one) describes. What the engine would compute differently
 * from transformers is refused by name.
 * @param file path of config.json, for messages
 * @throws AppError MODEL-CONFIG, MODEL-FAMILY, MODEL-UNSUPPORTED
 */
export function modelOf(json: unknown, generation: unknown, file: string): Model {
  const config = parseFile(z.looseObject({ model_type: z.string() }), json, file);
  const family = FAMILIES.get(config.model_type);
  if (family !== undefined) return family({ json: config, generation, file });
  const supported = [...FAMILIES.keys()];
  throw new AppError({
    code: 'MODEL-FAMILY',
    message: `${file}: model_type "${config.model_type.slice(0, 100)}" is not supported; ${supported.slice(0, -1).join(', ')} and ${supported.at(-1)} are.`,
    data: { file, modelType: config.model_type, supported },
    remedy: 'Choose a model of a supported family, such as Llama 3, SmolLM2 or Qwen2.5.',
  });
}
