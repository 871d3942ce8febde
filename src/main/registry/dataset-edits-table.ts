import type { Database } from './database.ts';

export interface EditEntry {
  readonly seq: number;
  readonly edit_json: string;
  readonly undone: 0 | 1;
}

/** The journal of a version's working copy. */
export class DatasetEditsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order they were made, undone ones included. */
  all(versionId: string): readonly EditEntry[] {
    return this.#database
      .prepare<[string], EditEntry>('SELECT seq, edit_json, undone FROM dataset_edits WHERE version_id = ? ORDER BY seq')
      .all(versionId);
  }

  /** What was undone before can no longer be redone. Its number is not given again: an added row is known by it. */
  append(versionId: string, editJson: string): void {
    this.#database
      .transaction(() => {
        this.#database
          .prepare(
            'INSERT INTO dataset_edits (version_id, seq, edit_json) VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM dataset_edits WHERE version_id = ?), ?)',
          )
          .run(versionId, versionId, editJson);
        this.#database.prepare('DELETE FROM dataset_edits WHERE version_id = ? AND undone = 1').run(versionId);
      })
      .immediate();
  }

  /** Differs whenever the journal does: each edit has a new number, and between two of them only undoing changes anything. */
  stamp(versionId: string): string {
    const { last, undone } = this.#database
      .prepare<[string], { readonly last: number; readonly undone: number }>(
        'SELECT coalesce(max(seq), 0) AS last, coalesce(sum(undone), 0) AS undone FROM dataset_edits WHERE version_id = ?',
      )
      .get(versionId)!;
    return `${last} ${undone}`;
  }

  /** Takes back the last edit in effect; nothing where there is none. */
  undo(versionId: string): void {
    this.#database
      .prepare(
        'UPDATE dataset_edits SET undone = 1 WHERE version_id = @id AND seq = (SELECT max(seq) FROM dataset_edits WHERE version_id = @id AND undone = 0)',
      )
      .run({ id: versionId });
  }

  /** Puts back the first of the edits taken back. */
  redo(versionId: string): void {
    this.#database
      .prepare(
        'UPDATE dataset_edits SET undone = 0 WHERE version_id = @id AND seq = (SELECT min(seq) FROM dataset_edits WHERE version_id = @id AND undone = 1)',
      )
      .run({ id: versionId });
  }
}
