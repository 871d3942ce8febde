import { createHash } from 'node:crypto';
import type { Recipe } from '../../shared/domain/recipe/recipe.ts';
import { canonicalJson } from '../../shared/lib/canonical-json.ts';
import type { Database } from './database.ts';

/** Recipes by content: runs with equal settings share one. */
export class RecipesTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns the hash it is found by */
  put(recipe: Recipe): string {
    const json = canonicalJson(recipe);
    const hash = createHash('sha256').update(json).digest('hex');
    this.#database
      .prepare('INSERT OR IGNORE INTO recipes (hash, recipe_json, created_at) VALUES (?, ?, ?)')
      .run(hash, json, new Date().toISOString());
    return hash;
  }

  /** JSON text of a recipe, or null. */
  get(hash: string): string | null {
    return (
      this.#database.prepare<[string], { readonly recipe_json: string }>('SELECT recipe_json FROM recipes WHERE hash = ?').get(hash)?.recipe_json ??
      null
    );
  }
}
