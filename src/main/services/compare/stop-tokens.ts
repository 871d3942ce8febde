import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';

/**
 * The end tokens that the runs of these adapters and models were trained with: an answer ends at them too, as it ended in training. A run
 * keeps its recipe beside what it yields and its checkpoints; weights from elsewhere say nothing.
 */
export async function stopTokensOf(columns: readonly { readonly weights: Outcome | null }[]): Promise<string[]> {
  const tokens = await Promise.all(columns.map(({ weights }) => (weights === null ? null : endTokenBeside(resolve(weights.folder)))));
  return [...new Set(tokens.filter((token) => token !== null))];
}

async function endTokenBeside(weights: string): Promise<string | null> {
  for (const folder of [dirname(weights), dirname(dirname(weights))]) {
    try {
      return recipeSchema.parse(JSON.parse(await readFile(join(folder, 'recipe.json'), 'utf8'))).eos_token;
    } catch {
      // No recipe of ours stands there.
    }
  }
  return null;
}
