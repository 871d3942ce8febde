import type { Migration } from './migration.ts';

/** What a person writes down about a run, and who asked for it: the tour finds its own run by that, in every window. */
export const runNotes: Migration = {
  version: 3,
  name: 'run-notes',
  sql: `
    ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN origin TEXT CHECK (origin IN ('tour'));
  `,
};
