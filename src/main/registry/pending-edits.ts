import { createHash } from 'node:crypto';
import type { Database } from './database.ts';

/** A name for the edits in effect on a version, which differs when they do; empty where there are none. */
export function pendingEditsStamp(database: Database, versionId: string): string {
  const edits = database.prepare<[string], { readonly edit_json: string }>(
    'SELECT edit_json FROM dataset_edits WHERE version_id = ? AND undone = 0 ORDER BY seq',
  );
  const hash = createHash('sha256');
  let any = false;
  for (const { edit_json: json } of edits.iterate(versionId)) {
    any = true;
    // JSON of ours has no line break of its own.
    hash.update(json).update('\n');
  }
  return any ? hash.digest('hex') : '';
}
