import { MAX_NAMED_ROWS, type Finding, type RowName } from '../../shared/domain/finding.ts';

/** Something to tell about a row or the file; rows with the same code and words become one finding. */
export interface Note {
  readonly code: string;
  readonly level: Finding['level'];
  readonly message: string;
  readonly remedy?: string | undefined;
}

export type NoteTaker = (note: Note) => void;

/** Different sentences kept for one code: column and role names come from the file, and there may be any number. */
const MOST_OF_A_CODE = 40;
const LEVELS: readonly Finding['level'][] = ['problem', 'warning', 'note'];

interface Entry {
  readonly note: Note;
  count: number;
  readonly first: RowName[];
}

/** Gathers what an import has to tell, with the rows it concerns; bounded, whatever the file holds. */
export class FindingBook {
  readonly #entries = new Map<string, Entry>();
  readonly #sentences = new Map<string, number>();

  /** @param row null for what concerns the whole file */
  add(note: Note, row: RowName | null): void {
    const entry = this.#entry(note);
    if (row === null) return;
    entry.count += 1;
    if (entry.first.length < MAX_NAMED_ROWS) entry.first.push(row);
  }

  /** Problems first, then warnings, then notes. */
  list(): readonly Finding[] {
    const found = [...this.#entries.values()].map(({ note, count, first }): Finding => ({
      code: note.code,
      level: note.level,
      message: note.message.slice(0, 2000),
      remedy: note.remedy?.slice(0, 1000) ?? null,
      rows: count === 0 ? null : { count, first },
    }));
    return LEVELS.flatMap((level) => found.filter((finding) => finding.level === level));
  }

  #entry(note: Note): Entry {
    const key = `${note.code} ${note.message}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const sentences = this.#sentences.get(note.code) ?? 0;
    if (sentences === MOST_OF_A_CODE)
      return this.#entry({
        ...note,
        code: `${note.code}-MORE`.slice(0, 40),
        message: 'The same is true of further names, which are too many to list.',
      });
    this.#sentences.set(note.code, sentences + 1);
    const entry: Entry = { note, count: 0, first: [] };
    this.#entries.set(key, entry);
    return entry;
  }
}
