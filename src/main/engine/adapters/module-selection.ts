/**
 * Which layers an adapter_config.json puts LoRA on, as PEFT 0.21 reads target_modules, exclude_modules, layers_to_transform and
 * layers_pattern. PEFT makes a pair of tensors for each of them, whatever the weights hold.
 */
import { matchesWhole, patternProblem } from './pattern-key.ts';

export interface ModuleSelection {
  /** Names or full paths, or one string: "all-linear" or a pattern for the whole path. Empty: the weights decide. */
  readonly targetModules: readonly string[] | string;
  readonly excludeModules: readonly string[] | string | null;
  readonly layersToTransform: readonly number[] | number | null;
  readonly layersPattern: readonly string[] | string | null;
}

export const NO_RESTRICTION = { excludeModules: null, layersToTransform: null, layersPattern: null } as const;

/** The paths selected, or null where a pattern cannot be followed (too costly for a file of unknown origin) or nothing is said. */
export function selectedPaths(selection: ModuleSelection, paths: readonly string[]): readonly string[] | null {
  const { targetModules, excludeModules, layersPattern } = selection;
  if (targetModules.length === 0) return null;
  const asPatterns = [targetModules, excludeModules].filter((value) => typeof value === 'string' && value !== 'all-linear');
  const patterns = [...asPatterns, ...listOf(layersPattern)].filter((value) => typeof value === 'string');
  if (patterns.some((pattern) => patternProblem(pattern) !== null)) return null;
  return paths.filter((path) => !isExcluded(excludeModules, path) && isTarget(selection, path));
}

/** Names for `target_modules` that select exactly `chosen`: last segments where they do, else full paths. */
export function namesFor(chosen: readonly string[], all: readonly string[]): readonly string[] {
  const segments = [...new Set(chosen.map((path) => path.split('.').at(-1)!))].sort();
  const selected = selectedPaths({ targetModules: segments, ...NO_RESTRICTION }, all) ?? [];
  return selected.length === chosen.length ? segments : chosen;
}

function isTarget(selection: ModuleSelection, path: string): boolean {
  const { targetModules } = selection;
  if (typeof targetModules === 'string') return targetModules === 'all-linear' || matchesWhole(targetModules, path);
  if (targetModules.includes(path)) return true;
  return endsWithAny(targetModules, path) && isInLayers(selection, path);
}

function isExcluded(excluded: ModuleSelection['excludeModules'], path: string): boolean {
  if (excluded === null || excluded.length === 0) return false;
  if (typeof excluded === 'string') return matchesWhole(excluded, path);
  return excluded.includes(path) || endsWithAny(excluded, path);
}

function isInLayers({ layersToTransform, layersPattern }: ModuleSelection, path: string): boolean {
  const indices = typeof layersToTransform === 'number' ? [layersToTransform] : (layersToTransform ?? []);
  if (indices.length === 0) return true;
  const patterns = listOf(layersPattern);
  const found =
    patterns.length === 0
      ? /^.*?\.[^.]*\.(\d+)\./.exec(path)
      : patterns.map((pattern) => new RegExp(`^(?:|.*?\\.)(?:${pattern})\\.(?<idx>\\d+)\\.`).exec(path)).find((match) => match !== null);
  return found !== null && found !== undefined && indices.includes(Number(found.groups?.['idx'] ?? found[1]));
}

function endsWithAny(names: readonly string[], path: string): boolean {
  return names.some((name) => path.endsWith(`.${name}`));
}

function listOf(value: readonly string[] | string | null): readonly string[] {
  if (value === null) return [];
  return typeof value === 'string' ? (value === '' ? [] : [value]) : value;
}
