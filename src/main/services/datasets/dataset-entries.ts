/** @file Between a dataset's row of the registry and what is told of it; lists are told less. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DatasetVersion } from '../../../shared/domain/dataset-record.ts';
import { badRowSchema, datasetFormatSchema, type BadRow, type ImportedDataset } from '../../../shared/domain/dataset.ts';
import { findingSchema, type Finding } from '../../../shared/domain/finding.ts';
import type { VersionEntry } from '../../registry/datasets-table.ts';

export function versionEntry(datasetId: string, number: number, imported: ImportedDataset, now: string): VersionEntry {
  return {
    id: randomUUID(),
    dataset_id: datasetId,
    number,
    format: imported.format,
    file: imported.file,
    rows: imported.rows,
    bad_rows: imported.badRows,
    bad_rows_file: imported.badRowsFile,
    bad_row_samples_json: JSON.stringify(imported.badRowSamples),
    notices_json: '[]',
    findings_json: JSON.stringify(imported.findings),
    content_hash: imported.contentHash,
    created_at: now,
  };
}

export function versionOf(entry: VersionEntry): DatasetVersion {
  return {
    id: entry.id,
    datasetId: entry.dataset_id,
    number: entry.number,
    format: datasetFormatSchema.parse(entry.format),
    file: entry.file,
    rows: entry.rows,
    badRows: entry.bad_rows,
    badRowSamples: z.array(badRowSchema).parse(JSON.parse(entry.bad_row_samples_json)).map(shortSample),
    findings: findingsOf(entry),
    contentHash: entry.content_hash,
    createdAt: entry.created_at,
  };
}

const LISTED_ROWS = 3;
/** Characters of a refused row that come with its dataset; the list of refused rows has more. */
const SAMPLE = 2048;

export function listed(version: DatasetVersion): DatasetVersion {
  const findings = version.findings.map((finding) =>
    finding.rows === null ? finding : { ...finding, rows: { ...finding.rows, first: finding.rows.first.slice(0, LISTED_ROWS) } },
  );
  return { ...version, badRowSamples: [], findings };
}

function shortSample(row: BadRow): BadRow {
  return row.text === undefined || row.text.length <= SAMPLE ? row : { ...row, text: row.text.slice(0, SAMPLE), cut: true };
}

/** Sentences of an older import are findings about the whole file. */
function findingsOf({ findings_json: findings, notices_json: notices }: VersionEntry): readonly Finding[] {
  if (findings !== null) return z.array(findingSchema).parse(JSON.parse(findings));
  return z
    .array(z.string())
    .parse(JSON.parse(notices))
    .map((message) => ({ code: 'NOTICE', level: 'note', message, remedy: null, rows: null }));
}
