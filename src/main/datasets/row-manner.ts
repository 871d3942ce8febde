import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import type { Manner } from '../../shared/domain/generation.ts';
import { readParsed } from './read-lines.ts';

/** Rows looked at; the first ones, which are read quickly in a file of any length. */
const SAMPLE = 200;
/** Characters of a system prompt that can be taken over. */
const MOST_SYSTEM = 200_000;

/** How a file's rows speak to the model; null where there is none that can be read. */
export async function rowManner(file: string, hasTemplate: boolean): Promise<Manner | null> {
  let [rows, plain] = [0, 0];
  const systems = new Set<string | null>();
  try {
    for await (const row of readParsed(file, canonicalRowSchema)) {
      rows += 1;
      if (isPlain(row, hasTemplate)) plain += 1;
      systems.add(systemOf(row));
      if (rows === SAMPLE) break;
    }
  } catch {
    // Moved, or a file of another form: there is nothing to take over, and that is what is answered.
    return null;
  }
  if (rows === 0) return null;
  const [system = null] = systems;
  const isOne = plain <= rows / 2 && systems.size === 1 && (system?.length ?? 0) <= MOST_SYSTEM;
  return { plain: plain > rows / 2, system: isOne ? system : null, rows };
}

function isPlain(row: CanonicalRow, hasTemplate: boolean): boolean {
  if (row.kind === 'text' || row.kind === 'prompt-completion') return true;
  return row.kind === 'chat-prompt-completion' && row.plain !== undefined && !hasTemplate;
}

function systemOf(row: CanonicalRow): string | null {
  const messages = row.kind === 'messages' ? row.messages : row.kind === 'chat-prompt-completion' ? row.prompt : [];
  const first = messages[0];
  return first?.role === 'system' && typeof first.content === 'string' ? first.content : null;
}
