import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { parseRecipe, type ParsedRecipe, withTrlLoss } from '../../../shared/domain/recipe/parse.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { runTask } from '../../worker-host/workers.ts';

const MAX_BYTES = 4 * 1024 * 1024;

export interface RecipeSource {
  /** A recipe file; null when `values` say everything. */
  readonly file: string | null;
  /** Fields by dotted path, laid over the file; paths in them count from the working directory. */
  readonly values: Readonly<Record<string, unknown>>;
}

const PATH_FIELDS: ReadonlySet<string> = new Set(['model', 'adapter', 'dataset.file', 'dataset', 'eval_dataset']);

/** Reads and completes a recipe. Paths come out absolute. @throws AppError RECIPE, RECIPE-FILE */
export async function loadRecipe({ file, values }: RecipeSource): Promise<ParsedRecipe> {
  const written = file === null ? {} : await readRecipeFile(file);
  const raw = Object.entries(values).reduce((recipe, [path, value]) => withValue(recipe, path.split('.'), absolute(path, value)), written);
  const parsed = parseRecipe(raw, file ?? 'the settings given');
  const placed = { ...parsed, recipe: withAbsolutePaths(parsed.recipe, file === null ? process.cwd() : dirname(resolve(file))) };
  return placed.asTrl ? withTrlLoss(placed, await formatOf(placed.recipe)) : placed;
}

/** What the rows will be read as; `auto` where that cannot be told, which the import will say better. */
async function formatOf({ dataset: { file, format, mapping, pairs, encoding } }: Recipe): Promise<string> {
  if (format !== 'auto') return format;
  const sketch = await runTask('sketch', { file, reading: { format, mapping, pairs, encoding } }, { about: file }).catch((error: unknown) => {
    if (error instanceof AppError) return null;
    throw error;
  });
  return sketch?.outcome.kind === 'readable' ? sketch.outcome.format : 'auto';
}

async function readRecipeFile(file: string): Promise<unknown> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : error instanceof SyntaxError
            ? `it is not valid JSON: ${error.message}`
            : (error as Error).message;
    throw new AppError(
      {
        code: 'RECIPE-FILE',
        message: `The recipe ${file} cannot be read: ${why}.`,
        data: { file },
        remedy: 'A recipe is a JSON file with at least "model" and "dataset": {"file": ...}.',
      },
      error,
    );
  }
}

function withValue(recipe: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  // What is no object is left as it is: parseRecipe says so better than we could.
  if (typeof recipe !== 'object' || recipe === null || Array.isArray(recipe)) return recipe;
  const own = recipe as Readonly<Record<string, unknown>>;
  const inner = rest.length === 0 ? value : withValue(asTable(Object.hasOwn(own, key!) ? own[key!] : undefined), rest, value);
  return Object.fromEntries([...Object.entries(own).filter(([name]) => name !== key), [key!, inner]]);
}

/** "dataset": "file" is short for {"file": ...}; a value below it needs the long form. */
function asTable(value: unknown): unknown {
  if (value === undefined) return {};
  return typeof value === 'string' ? { file: value } : value;
}

function absolute(path: string, value: unknown): unknown {
  return PATH_FIELDS.has(path) && typeof value === 'string' ? resolve(value) : value;
}

function withAbsolutePaths(recipe: Recipe, base: string): Recipe {
  return {
    ...recipe,
    model: resolve(base, recipe.model),
    adapter: recipe.adapter === null ? null : resolve(base, recipe.adapter),
    eval_dataset: recipe.eval_dataset === null ? null : resolve(base, recipe.eval_dataset),
    dataset: { ...recipe.dataset, file: resolve(base, recipe.dataset.file) },
  };
}
