import { parseExact, withoutOwnMarks } from '../../../shared/lib/exact-json.ts';
import type { Note } from '../finding-book.ts';
import { jsonFault, jsonNotes, withoutNaN } from './json-faults.ts';
import { isNestedDeeper, MOST_DEPTH } from '../../../shared/lib/json-depth.ts';
import { isJsonObject, kindOf, type SourceRecord } from './source-record.ts';

const BYTE_ORDER_MARK = '\uFEFF';
const MARK_WITHIN: Note = {
  code: 'BYTE-ORDER-MARK',
  level: 'note',
  message: 'A byte order mark stands before a row, as where files were joined; it was left out.',
};

/** Parses the text of one row; broken JSON and values that are not objects become an error record. */
export function parseRecord(source: number, given: string): SourceRecord {
  let value: unknown;
  const notes: Note[] = [];
  const text = given.startsWith(BYTE_ORDER_MARK) ? given.slice(1) : given;
  if (text !== given) notes.push(MARK_WITHIN);
  if (isNestedDeeper(text)) return { source, error: `the row is nested more than ${MOST_DEPTH} levels deep`, text };
  try {
    value = parseExact(text);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    const repaired = withoutNaN(text);
    value = repaired === null ? undefined : parsedOrUndefined(repaired);
    if (value === undefined) return { source, error: jsonFault(text, fault), text };
    notes.push({ code: 'NAN', level: 'note', message: 'NaN or Infinity, which is no JSON, was read as null.' });
  }
  value = asConversation(value);
  if (!isJsonObject(value)) return { source, error: `a row must be an object {…}, this is ${kindOf(value)}`, text };
  notes.push(...jsonNotes(text));
  return { source, value: withoutOwnMarks(value), text, ...(notes.length === 0 ? {} : { notes }) };
}

/** A row that is the list of its turns, as some guides write ShareGPT, is that conversation. */
function asConversation(value: unknown): unknown {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  if (!isJsonObject(first)) return value;
  if (Object.hasOwn(first, 'role')) return { messages: value };
  return Object.hasOwn(first, 'from') ? { conversations: value } : value;
}

function parsedOrUndefined(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    // The first parse names the fault.
    return undefined;
  }
}
