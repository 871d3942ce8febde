import { parseExact } from '../../../shared/lib/exact-json.ts';
import { asList, fieldOf, type ColumnMapping } from '../import-plan.ts';
import { isJsonObject, kindOf, type JsonObject } from '../readers/source-record.ts';
import { columnOf, refuse, type Refusal } from './row-result.ts';

interface ChatExtras {
  readonly tools?: unknown[];
  readonly chat_template_kwargs?: Record<string, unknown>;
}

/** `tools` (a list, or JSON text of one) and `chat_template_kwargs` of a chat row; null counts as absent (spec 1.1). */
export function chatExtras(row: JsonObject, columns: ColumnMapping): ChatExtras | Refusal {
  const tools = fieldOf(row, columns, 'tools') ?? '';
  const list = typeof tools === 'string' && tools.trim() === '' ? [] : asList(tools);
  if (list === undefined) return refuse(`${columnOf(columns, 'tools')} must be a list of tools or its JSON, it is ${kindOf(tools)}`);
  const kwargs = objectOf(fieldOf(row, columns, 'chat_template_kwargs') ?? '');
  if (kwargs === undefined) return refuse(`${columnOf(columns, 'chat_template_kwargs')} must be an object or its JSON`);
  return {
    ...(list.length > 0 ? { tools: [...list] } : {}),
    ...(Object.keys(kwargs).length > 0 ? { chat_template_kwargs: kwargs } : {}),
  };
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string' && value.trim() === '') return {};
  let object = value;
  if (typeof value === 'string') {
    try {
      object = parseExact(value);
    } catch {
      // The caller names the column; the text itself says no more.
      return undefined;
    }
  }
  // Spread into the template's variables later, where a __proto__ would change more than one name.
  return isJsonObject(object) ? Object.fromEntries(Object.entries(object).filter(([key]) => key !== '__proto__')) : undefined;
}
