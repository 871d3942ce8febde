/** @file Two files of canonical rows beside each other. Each is read twice at most, and of a row only a number is remembered. */
import { createHash } from 'node:crypto';
import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import { MAX_COMPARED_ROWS, type ComparedRow, type VersionComparison } from '../../shared/domain/dataset-record.ts';
import { canonicalJson } from '../../shared/lib/canonical-json.ts';
import { cutValue } from './cut-value.ts';
import { readParsed } from './read-lines.ts';

/** Characters of a row that are told, so that all of them make no large message. */
const SHOWN = 8 * 1024;

type Rows = () => AsyncIterable<CanonicalRow>;

/** A row that only one side has: by its place in the person's file. */
class Unmatched {
  readonly bySource = new Map<number, number>();
  readonly shown: CanonicalRow[] = [];
  count = 0;

  add(row: CanonicalRow): void {
    this.count += 1;
    this.bySource.set(row.source, (this.bySource.get(row.source) ?? 0) + 1);
    // Twice as many as are told: some of them turn out to be two sides of one change.
    if (this.shown.length < 2 * MAX_COMPARED_ROWS) this.shown.push(cutValue(row, SHOWN));
  }
}

/** Two versions' files. @throws what reading them throws */
export function compareVersions(from: string, to: string): Promise<VersionComparison> {
  return compareRows(
    () => readParsed(from, canonicalRowSchema),
    () => readParsed(to, canonicalRowSchema),
  );
}

/** Rows are equal where their content is; those that are left are paired by their place in the person's file. */
export async function compareRows(before: Rows, after: Rows): Promise<VersionComparison> {
  const waiting = new Map<number, number>();
  for await (const row of before()) count(waiting, fingerprint(row), 1);
  const [gone, come] = [new Unmatched(), new Unmatched()];
  let same = 0;
  for await (const row of after()) {
    if (take(waiting, fingerprint(row))) same += 1;
    else come.add(row);
  }
  for await (const row of before()) if (take(waiting, fingerprint(row))) gone.add(row);
  let changed = 0;
  for (const [source, times] of come.bySource) changed += Math.min(times, gone.bySource.get(source) ?? 0);
  return {
    same,
    changed,
    added: come.count - changed,
    removed: gone.count - changed,
    rows: told(gone.shown, come.shown).slice(0, MAX_COMPARED_ROWS),
  };
}

function told(gone: readonly CanonicalRow[], come: readonly CanonicalRow[]): readonly ComparedRow[] {
  const left = [...gone];
  const rows: ComparedRow[] = [];
  for (const after of come) {
    const at = left.findIndex(({ source }) => source === after.source);
    if (at === -1) rows.push({ kind: 'added', after });
    else rows.push({ kind: 'changed', before: left.splice(at, 1)[0]!, after });
  }
  rows.push(...left.map((before): ComparedRow => ({ kind: 'removed', before })));
  return rows.sort((x, y) => sourceOf(x) - sourceOf(y));
}

function sourceOf(row: ComparedRow): number {
  return row.kind === 'removed' ? row.before.source : row.after.source;
}

function count(map: Map<number, number>, key: number, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

function take(map: Map<number, number>, key: number): boolean {
  const left = map.get(key) ?? 0;
  if (left === 0) return false;
  map.set(key, left - 1);
  return true;
}

/** 48 bits of the content's hash: among a million rows two that differ meet once in some three hundred comparisons of datasets. */
function fingerprint({ source: _source, ...content }: CanonicalRow): number {
  return createHash('sha256').update(canonicalJson(content)).digest().readUIntBE(0, 6);
}
