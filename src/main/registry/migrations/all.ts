import { first } from './0001-first.ts';
import { findings } from './0002-findings.ts';
import type { Migration } from './migration.ts';

/** In order; one file each, with a test from the version before. */
export const MIGRATIONS: readonly Migration[] = [first, findings];
