import type { planRecipe as plan } from '../engine/memory-plan.ts';

export type { MemoryPlan } from '../engine/memory-plan.ts';

/** What a run on the CPU will take, by the engine's own graphs; nothing is computed with them. Loaded when first asked: a host that plans nothing needs no graphs. */
export async function planRecipe(...args: Parameters<typeof plan>): Promise<Awaited<ReturnType<typeof plan>>> {
  return (await import('../engine/memory-plan.ts')).planRecipe(...args);
}
