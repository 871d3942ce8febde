import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementCount } from '../../src/main/engine/ir/shape.ts';
import type { FlatLayout } from '../../src/main/engine/train/flat-layout.ts';
import { bytesOf, f32ToF16 } from '../../src/main/engine/weights/dtype.ts';
import { writeSafetensors } from '../../src/main/engine/weights/safetensors.ts';
import type { LlamaConfig } from '../../src/main/engine/models/llama/config.ts';
import { configJson, generationConfigJson } from './starter-config.ts';

/** Writes model.safetensors (float16), config.json and generation_config.json; an older model there is replaced whole. */
export async function saveModel(folder: string, config: LlamaConfig, layout: FlatLayout, weights: Float32Array): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    layout.entries.map(({ name, shape, offset }) => ({
      name,
      dtype: 'F16' as const,
      shape,
      chunks: () => [bytesOf(f32ToF16(weights.slice(offset, offset + elementCount(shape))))],
    })),
  );
  writeJson(join(folder, 'config.json'), configJson(config));
  writeJson(join(folder, 'generation_config.json'), generationConfigJson(config));
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
