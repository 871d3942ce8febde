import { isJsonObject, type JsonObject } from './readers/source-record.ts';

const MOST_PATHS = 20;
const DEEPEST = 4;

/** Texts within a row's objects and lists (of a list the first item), by the path that a mapping can name. */
export function textPaths(row: JsonObject): readonly { readonly path: string; readonly text: string }[] {
  const found: { readonly path: string; readonly text: string }[] = [];
  const look = (path: readonly string[], value: unknown): void => {
    if (found.length >= MOST_PATHS || path.length > DEEPEST) return;
    if (typeof value === 'string') {
      if (path.length > 1) found.push({ path: path.join('.'), text: value });
    } else if (Array.isArray(value)) look([...path, '0'], value[0]);
    else if (isJsonObject(value))
      for (const key of Object.keys(value).slice(0, MOST_PATHS)) if (!key.includes('.') && key !== '') look([...path, key], value[key]);
  };
  look([], row);
  return found;
}
