import type { CanonicalRow } from '../../shared/domain/dataset.ts';
import { canonicalRowSchema } from '../../shared/domain/dataset.ts';
import type { Manner } from '../../shared/domain/generation.ts';
import type { RunSummary } from '../../shared/domain/run-record.ts';
import { readLines } from '../datasets/read-lines.ts';
import { openRunFolder } from './run-folder.ts';

/** Rows looked at; the first ones, which are read quickly in a file of any length. */
const SAMPLE = 200;

/** How the rows of a run ask the model; null where they are gone. */
export async function mannerOf(run: RunSummary & { readonly recipe: { readonly dataset: { readonly file: string } } }, hasTemplate: boolean): Promise<Manner | null> {
  // The folder says where the command line's rows lie; the studio's recipes name the rows themselves.
  const noted = await openRunFolder(run.dir).then(({ record }) => record.rows?.file ?? null, () => null);
  const rows = (noted === null ? null : await firstRows(noted)) ?? await firstRows(run.recipe.dataset.file);
  if (rows === null || rows.length === 0) return null;
  const plain = rows.filter((row) => isPlain(row, hasTemplate)).length > rows.length / 2;
  const systems = new Set(rows.map(systemOf));
  const [system = null] = systems;
  return { plain, system: !plain && systems.size === 1 ? system : null, rows: rows.length };
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

async function firstRows(file: string): Promise<readonly CanonicalRow[] | null> {
  const rows: CanonicalRow[] = [];
  try {
    for await (const line of readLines(file)) {
      rows.push(canonicalRowSchema.parse(JSON.parse(line)));
      if (rows.length === SAMPLE) break;
    }
    return rows;
  } catch {
    // Moved, or a file of another form: there is nothing to take over, and that is what is answered.
    return null;
  }
}
