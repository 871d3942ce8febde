import type { AdapterTensors, LoraConfigParsed, LoraPair } from '../export/peft-adapter.ts';
import { type FlatLayout, flatView, packFlatLayout } from './flat-layout.ts';

/** A linear layer and the rank of its adapter. */
export interface LoraModule {
  /** Module path, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly path: string;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
  readonly alpha: number;
}

/** Layout of `trainable`: for each module `PATH.lora_A` [rank, in], then `PATH.lora_B` [out, rank]. */
export function loraLayout(modules: readonly LoraModule[]): FlatLayout {
  return packFlatLayout(modules.flatMap((module) => [
    { name: `${module.path}.lora_A`, shape: [module.rank, module.in] },
    { name: `${module.path}.lora_B`, shape: [module.out, module.rank] },
  ]));
}

/** The adapter held in a flat array, as views into it. */
export function adapterFromFlat(
  modules: readonly LoraModule[], config: LoraConfigParsed, flat: Float32Array,
): AdapterTensors {
  const views = viewsByName(loraLayout(modules), flat);
  const tensors = new Map<string, LoraPair>(modules.map(({ path, rank, alpha }) => [
    path, { a: views.get(`${path}.lora_A`)!, b: views.get(`${path}.lora_B`)!, rank, alpha },
  ]));
  return { config, tensors };
}

/** Copies an adapter into a new flat array. Every module must be in the adapter with its rank. */
export function flatFromAdapter(modules: readonly LoraModule[], adapter: AdapterTensors): Float32Array {
  const layout = loraLayout(modules);
  const flat = new Float32Array(layout.size);
  const views = viewsByName(layout, flat);
  for (const { path, rank } of modules) {
    const pair = adapter.tensors.get(path);
    if (pair?.rank !== rank) throw new Error(`internal: the adapter has no rank ${rank} pair for ${path}`);
    views.get(`${path}.lora_A`)!.set(pair.a);
    views.get(`${path}.lora_B`)!.set(pair.b);
  }
  return flat;
}

function viewsByName(layout: FlatLayout, flat: Float32Array): ReadonlyMap<string, Float32Array> {
  return new Map(layout.entries.map((entry) => [entry.name, flatView(entry, flat)]));
}
