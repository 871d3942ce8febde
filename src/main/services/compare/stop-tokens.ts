import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';

/**
 * The end tokens that the runs of these adapters were trained with: an answer ends at them too, as it ended in training. A run
 * keeps its recipe beside its adapter and its checkpoints; an adapter from elsewhere says nothing.
 */
export async function stopTokensOf(columns: readonly { readonly adapter: string | null }[]): Promise<string[]> {
  const tokens = await Promise.all(columns.map(({ adapter }) => (adapter === null ? null : endTokenBeside(resolve(adapter)))));
  return [...new Set(tokens.filter((token) => token !== null))];
}

async function endTokenBeside(adapter: string): Promise<string | null> {
  for (const folder of [dirname(adapter), dirname(dirname(adapter))]) {
    try {
      return recipeSchema.parse(JSON.parse(await readFile(join(folder, 'recipe.json'), 'utf8'))).eos_token;
    } catch {
      // No recipe of ours stands there.
    }
  }
  return null;
}
