import { plural } from '../../../shared/lib/plain-words.ts';
import type { ImportedDataset } from '../../../shared/domain/dataset.ts';
import type { Finding } from '../../../shared/domain/finding.ts';

/** Rows of a finding that are named; the list goes on in the studio. */
const MOST_NAMED = 5;

/** What the import of a dataset found: what was set aside, with reasons, and what else is to be known about its rows. */
export function importedWords({ rows, badRows, badRowSamples, badRowsFile, format, findings }: ImportedDataset): readonly string[] {
  const bad =
    badRows === 0
      ? []
      : [
          `${plural(badRows, 'row')} could not be used; all of them are listed in ${badRowsFile}:`,
          ...badRowSamples.slice(0, 3).map(({ source, reason }) => `  row ${source}: ${reason}`),
        ];
  return [`Imported ${plural(rows, 'row')} (${format})`, ...bad, ...findings.filter(({ code }) => code !== 'SET-ASIDE').flatMap(findingWords)];
}

/** A finding in a line, and what to do in a second one. */
export function findingWords({ level, message, remedy, rows }: Finding): readonly string[] {
  const where =
    rows === null
      ? ''
      : ` (${plural(rows.count, 'row')} of the file: ${rows.first
          .slice(0, MOST_NAMED)
          .map(({ source }) => source)
          .join(', ')}${rows.count > MOST_NAMED ? ', …' : ''})`;
  const line = `${level === 'note' ? '' : 'Warning: '}${message}${where}`;
  return remedy === null || level === 'note' ? [line] : [line, `  ${remedy}`];
}
