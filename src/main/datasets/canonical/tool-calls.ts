import type { Message } from '../../../shared/domain/dataset.ts';
import { parseExact } from '../../../shared/lib/exact-json.ts';
import { isJsonObject } from '../readers/source-record.ts';
import { refuse, type Refusal } from './row-result.ts';

/** The turn `function_call` of ShareGPT files, whose text is `{"name", "arguments"}` or a list of them, as a message with tool calls. */
export function messageOfCalls(text: string, where: string): Message | Refusal {
  let value: unknown;
  try {
    value = parseExact(text);
  } catch {
    // The refusal names the turn; its text is no JSON at all.
    return refuse(`${where}: a function call must be JSON such as {"name": …, "arguments": {…}}`);
  }
  const calls: readonly unknown[] = Array.isArray(value) ? value : [value];
  const toolCalls: { readonly type: 'function'; readonly function: { readonly name: string; readonly arguments: unknown } }[] = [];
  for (const call of calls) {
    const inner = isJsonObject(call) && isJsonObject(call['function']) ? call['function'] : call;
    if (!isJsonObject(inner) || typeof inner['name'] !== 'string') return refuse(`${where}: a function call has no name`);
    toolCalls.push({ type: 'function', function: { name: inner['name'], arguments: argumentsOf(inner['arguments'] ?? inner['parameters'] ?? {}) } });
  }
  return toolCalls.length === 0
    ? refuse(`${where}: there is no function call in the list`)
    : { role: 'assistant', content: '', tool_calls: toolCalls };
}

/** Arguments written as JSON text become the object that templates print. */
function argumentsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseExact(value);
  } catch {
    // Any other text is the argument itself.
    return value;
  }
}
