import type { AdapterTensors, LoraConfigParsed, LoraPair, SavedModule } from '../adapters/peft-adapter.ts';
import { type FlatLayout, flatView } from './flat-layout.ts';
import type { TableSpec } from '../nn/parameters.ts';
import { copyName, type LoraTarget, loraName } from './trainable.ts';

/**
 * The adapter held in the trainable vector, as views into it.
 * @param layout `trainableLayout` of these targets
 */
export function adapterFromFlat(
  layout: FlatLayout,
  flat: Float32Array,
  targets: readonly LoraTarget[],
  config: LoraConfigParsed,
  copies: readonly TableSpec[] = [],
): AdapterTensors {
  const views = viewsByName(layout, flat);
  const tensors = new Map<string, LoraPair>(
    targets.map(({ linear: { path }, rank, alpha }) => [
      path,
      { a: viewOf(views, loraName(path, 'A')), b: viewOf(views, loraName(path, 'B')), rank, alpha },
    ]),
  );
  const modules = new Map(copies.map((table): [string, SavedModule] => [table.path, { table, values: viewOf(views, copyName(table.path)) }]));
  return { config, tensors, ...(modules.size > 0 ? { modules } : {}) };
}

/** Copies an adapter into a new trainable vector. Every target must be in the adapter with its rank. */
export function flatFromAdapter(layout: FlatLayout, targets: readonly LoraTarget[], adapter: AdapterTensors): Float32Array {
  const flat = new Float32Array(layout.size);
  const views = viewsByName(layout, flat);
  for (const {
    linear: { path },
    rank,
  } of targets) {
    const pair = adapter.tensors.get(path);
    if (pair?.rank !== rank) throw new Error(`internal: the adapter has no rank ${rank} pair for ${path}`);
    viewOf(views, loraName(path, 'A')).set(pair.a);
    viewOf(views, loraName(path, 'B')).set(pair.b);
  }
  for (const [path, { values }] of adapter.modules ?? []) viewOf(views, copyName(path)).set(values);
  return flat;
}

function viewsByName(layout: FlatLayout, flat: Float32Array): ReadonlyMap<string, Float32Array> {
  return new Map(layout.entries.map((entry) => [entry.name, flatView(entry, flat)]));
}

function viewOf(views: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const view = views.get(name);
  if (view === undefined) throw new Error(`internal: the layout has no ${name}`);
  return view;
}
