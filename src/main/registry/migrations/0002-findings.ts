import type { Migration } from './migration.ts';

/** What an import found, as findings with rows; null for versions from before, which have sentences in notices_json. */
export const findings: Migration = {
  version: 2,
  name: 'findings of datasets',
  sql: 'ALTER TABLE dataset_versions ADD COLUMN findings_json TEXT;',
};
