import { plural } from '../../../shared/lib/plain-words.ts';
import type { ImportedDataset } from '../../../shared/domain/dataset.ts';

/** What the import of a dataset found, the first rows that cannot be used with their reasons. */
export function importedWords({ rows, badRows, badRowSamples, badRowsFile, format, notices }: ImportedDataset): readonly string[] {
  const bad = badRows === 0 ? [] : [
    `${plural(badRows, 'row')} could not be used; all of them are listed in ${badRowsFile}:`,
    ...badRowSamples.slice(0, 3).map(({ source, reason }) => `  row ${source}: ${reason}`),
  ];
  return [`Imported ${plural(rows, 'row')} (${format})`, ...bad, ...notices];
}
