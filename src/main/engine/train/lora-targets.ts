import { AppError } from '../../../shared/lib/app-error.ts';
import { tableNamed } from '../adapters/saved-modules.ts';
import type { LinearSpec, TableSpec } from '../nn/parameters.ts';
import type { LoraTarget } from './trainable.ts';

export interface LoraSelection {
  /** `all-linear`, or names: an exact module path or its last segments (spec 6.3). */
  readonly targetModules: 'all-linear' | readonly string[];
  readonly rank: number;
  readonly alpha: number;
  readonly rsLora: boolean;
}

/**
 * The layers an adapter goes on, in execution order.
 * @throws AppError E-TARGET when nothing matches, listing what there is
 */
export function selectLoraTargets(linears: readonly LinearSpec[], selection: LoraSelection): readonly LoraTarget[] {
  const { targetModules, rank, alpha, rsLora } = selection;
  const matches = (path: string) => targetModules === 'all-linear' || targetModules.some((name) => path === name || path.endsWith(`.${name}`));
  const chosen = linears.filter((linear) => matches(linear.path));
  if (chosen.length === 0) {
    const available = [...new Set(linears.map((linear) => linear.path.split('.').at(-1)!))];
    throw new AppError({
      code: 'E-TARGET',
      message: `Target modules ${JSON.stringify(targetModules)} not found in the base model. It has: ${available.join(', ')}.`,
      data: { available },
      remedy: 'Correct lora.target_modules, or use "all-linear".',
    });
  }
  return chosen.map((linear) => ({ linear, rank, alpha, scale: loraScale(rank, alpha, rsLora) }));
}

/**
 * The tables that are trained whole beside the adapter, each once.
 * @throws AppError E-TARGET for a name that is neither the embedding's nor the head's
 */
export function selectCopies(tables: readonly TableSpec[], names: readonly string[]): readonly TableSpec[] {
  const chosen = names.map((name) => {
    const table = tableNamed(tables, name);
    if (table !== undefined) return table;
    const available = tables.map(({ path }) => path.split('.').at(-1)!);
    throw new AppError({
      code: 'E-TARGET',
      message: `lora.modules_to_save ${JSON.stringify(name)} cannot be trained whole; of this model ${available.join(' and ')} can.`,
      data: { available },
      remedy: 'Correct lora.modules_to_save, or train every weight (finetuning_type "full").',
    });
  });
  return tables.filter((table) => chosen.includes(table));
}

/** s of spec 6.1. */
export function loraScale(rank: number, alpha: number, rsLora: boolean): number {
  return alpha / (rsLora ? Math.sqrt(rank) : rank);
}
