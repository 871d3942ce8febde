/** @file Qwen2 and Qwen2.5: Llama's graph and tensor names; q, k and v carry a bias. */
import type { ConfigSource } from '../config-fields.ts';
import { llamaModel } from '../llama/build.ts';
import type { Model } from '../model.ts';
import { parseQwen2Config } from './config.ts';

/** @throws AppError MODEL-CONFIG, MODEL-UNSUPPORTED */
export function qwen2(source: ConfigSource): Model {
  return llamaModel(parseQwen2Config(source));
}
