/**
 * @file What a run has told and the registry does not have yet. Mostly it is written at once; while the registry cannot be written it is
 * kept here, the newest value of each column, every point and every line, and written in parts when that is possible again.
 */
import type { MetricPoint } from '../../../shared/domain/metrics.ts';
import type { LogLine } from '../../../shared/domain/run-record.ts';
import { CheckpointsTable, type CheckpointPlace } from '../../registry/checkpoints-table.ts';
import type { Debt } from '../../registry/kept-writes.ts';
import { LogLinesTable } from '../../registry/log-lines-table.ts';
import { MetricsTable } from '../../registry/metrics-table.ts';
import type { Registry } from '../../registry/registry.ts';
import { RunsTable } from '../../registry/runs-table.ts';

/** Points kept, some tens of megabytes; beyond it every second one goes. */
export const MAX_POINTS = 200_000;
/** Lines kept; the registry keeps no more either. */
export const MAX_LINES = 10_000;
/** What one transaction takes: it holds up the loop. */
const POINTS_AT_ONCE = 2000;
const LINES_AT_ONCE = 200;

type Values = Parameters<RunsTable['update']>[1];
type Line = Omit<LogLine, 'seq'>;

export class RunDebt implements Debt {
  readonly #id: string;
  readonly #registry: Registry;
  readonly #runs: RunsTable;
  readonly #metrics: MetricsTable;
  readonly #log: LogLinesTable;
  readonly #checkpoints: CheckpointsTable;
  readonly #onRefused: (error: unknown) => void;
  #begin: (() => void) | null = null;
  #points: MetricPoint[] = [];
  #lines: Line[] = [];
  #places: readonly CheckpointPlace[] | null = null;
  #values: Values = {};
  #dropped = 0;

  constructor(registry: Registry, id: string, onRefused: (error: unknown) => void) {
    this.#id = id;
    this.#registry = registry;
    this.#runs = new RunsTable(registry.database);
    this.#metrics = new MetricsTable(registry.database);
    this.#log = new LogLinesTable(registry.database);
    this.#checkpoints = new CheckpointsTable(registry.database);
    this.#onRefused = onRefused;
  }

  /** Points that did not fit into memory and are in the run's folder alone. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What is written before all else. */
  begin(write: () => void): void {
    this.#begin = write;
  }

  /** Later values of a column replace earlier ones. */
  values(values: Values): void {
    this.#values = { ...this.#values, ...values };
  }

  points(rows: readonly MetricPoint[]): void {
    this.#points.push(...rows);
    if (this.#points.length <= MAX_POINTS) return;
    const kept = this.#points.filter((_, i) => i % 2 === 0);
    this.#dropped += this.#points.length - kept.length;
    this.#points = kept;
  }

  line(line: Line): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  checkpoints(places: readonly CheckpointPlace[]): void {
    this.#places = places;
  }

  /** Writes what has come together, now or when that is possible. */
  pay(): void {
    this.#registry.kept.owe(this);
  }

  write(): void {
    this.#begin?.();
    this.#metrics.insert(this.#id, this.#points.slice(0, POINTS_AT_ONCE));
    for (const line of this.#lines.slice(0, LINES_AT_ONCE)) this.#log.append(this.#id, line);
    if (this.#places !== null) this.#checkpoints.replace(this.#id, this.#places);
    // Whoever reads that a run is over must find all of it.
    if (!this.#isLong()) this.#runs.update(this.#id, this.#values);
  }

  written(): boolean {
    const more = this.#isLong();
    this.#begin = null;
    this.#points = this.#points.slice(POINTS_AT_ONCE);
    this.#lines = this.#lines.slice(LINES_AT_ONCE);
    this.#places = null;
    if (!more) this.#values = {};
    return more;
  }

  refused(error: unknown): void {
    [this.#begin, this.#points, this.#lines, this.#places, this.#values] = [null, [], [], null, {}];
    this.#onRefused(error);
  }

  #isLong(): boolean {
    return this.#points.length > POINTS_AT_ONCE || this.#lines.length > LINES_AT_ONCE;
  }
}
