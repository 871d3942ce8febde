/** @file Qwen2 and Qwen2.5: Llama's graph and tensor names; q, k and v carry a bias, which the parsed config states (`qkvBias`). */
import { llama } from '../llama/build.ts';
import type { ModelDefinition } from '../model.ts';

export const qwen2: ModelDefinition = llama;
