import { first } from './0001-first.ts';
import { findings } from './0002-findings.ts';
import { runNotes } from './0003-run-notes.ts';
import { metricValues } from './0004-metric-values.ts';
import type { Migration } from './migration.ts';

/** In order; one file each, with a test from the version before. */
export const MIGRATIONS: readonly Migration[] = [first, findings, runNotes, metricValues];
