/** @file Which columns there can be for a model, and which there are. Pure. */
import type { Column } from '../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import type { RunSummary } from '../../../shared/domain/run-record.ts';

export const MAX_COLUMNS = 8;

/** Names a column: equal keys are the same weights. */
export function columnKey(column: Column): string {
  return column.kind === 'base' ? 'base' : `${column.runId}:${column.checkpoint ?? 'last'}`;
}

/** What a column is, for its words on screen; null where the run is gone. */
export type ColumnName =
  | { readonly kind: 'base' }
  | { readonly kind: 'final'; readonly run: string; readonly step: number }
  | { readonly kind: 'checkpoint'; readonly run: string; readonly step: number };

export interface ColumnOption {
  readonly key: string;
  readonly column: Column;
  readonly name: ColumnName;
}

/** A run's adapters: the finished one first, then checkpoints from the newest. */
export interface RunOptions {
  readonly runId: string;
  readonly name: string;
  readonly options: readonly ColumnOption[];
}

/** Runs that were trained on this model and have something to answer with, in the order given. */
export function runsOf(model: Pick<ModelRecord, 'id' | 'path'>, runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs.filter((run) => (run.model.id === model.id || run.model.path === model.path) && (run.hasOutcome || run.checkpoints.length > 0));
}

export function runOptions(run: RunSummary): RunOptions {
  const option = (checkpoint: number | null, name: ColumnName): ColumnOption => {
    const column: Column = { kind: 'run', runId: run.id, checkpoint };
    return { key: columnKey(column), column, name };
  };
  const final = run.hasOutcome ? [option(null, { kind: 'final', run: run.name, step: run.step })] : [];
  const checkpoints = run.checkpoints.toReversed().map((step) => option(step, { kind: 'checkpoint', run: run.name, step }));
  return { runId: run.id, name: run.name, options: [...final, ...checkpoints] };
}

export function nameOf(column: Column, runs: readonly RunSummary[]): ColumnName | null {
  if (column.kind === 'base') return { kind: 'base' };
  const run = runs.find(({ id }) => id === column.runId);
  if (run === undefined) return null;
  if (column.checkpoint !== null) return { kind: 'checkpoint', run: run.name, step: column.checkpoint };
  return run.hasOutcome
    ? { kind: 'final', run: run.name, step: run.step }
    : { kind: 'checkpoint', run: run.name, step: run.checkpoints.at(-1) ?? run.step };
}

/** `a,b:40`: runs by id, each with an optional checkpoint, as the query of the page names them. */
export function parseRuns(text: string | null): readonly Column[] {
  return (text ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part): Column => {
      const [, runId, step] = /^(.+?)(?::(\d+))?$/.exec(part)!;
      return { kind: 'run', runId: runId!, checkpoint: step === undefined ? null : Number(step) };
    });
}

/** The base, then what was asked for; where nothing was, the newest run of the model. */
export function initialColumns(asked: readonly Column[], model: Pick<ModelRecord, 'id' | 'path'>, runs: readonly RunSummary[]): readonly Column[] {
  const known = runsOf(model, runs);
  const wanted = asked.filter((column) => column.kind === 'run' && known.some(({ id }) => id === column.runId));
  const newest = known[0];
  const tuned = wanted.length > 0 ? wanted : newest === undefined ? [] : [runOptions(newest).options[0]!.column];
  return unique([{ kind: 'base' }, ...tuned]).slice(0, MAX_COLUMNS);
}

/** The model asked for, or of the first run asked for, else the newest tuned one, else the first that can run. */
export function initialModel(
  asked: string | null,
  columns: readonly Column[],
  models: readonly ModelRecord[],
  runs: readonly RunSummary[],
): ModelRecord | null {
  const usable = models.filter(({ state }) => state.kind === 'usable');
  const ofRun = (run: RunSummary | undefined) => run && usable.find(({ id, path }) => run.model.id === id || run.model.path === path);
  const first = columns.find((column) => column.kind === 'run');
  return (
    usable.find(({ id }) => id === asked) ??
    ofRun(runs.find(({ id }) => first?.kind === 'run' && id === first.runId)) ??
    ofRun(runs.find((run) => usable.some((model) => runsOf(model, [run]).length > 0))) ??
    usable[0] ??
    null
  );
}

export function addColumn(columns: readonly Column[], column: Column): readonly Column[] {
  return unique([...columns, column]).slice(0, MAX_COLUMNS);
}

export function removeColumn(columns: readonly Column[], key: string): readonly Column[] {
  return columns.filter((column) => columnKey(column) !== key);
}

/** One place to the left (-1) or right (1); at the edge nothing moves. */
export function moveColumn(columns: readonly Column[], key: string, by: -1 | 1): readonly Column[] {
  const from = columns.findIndex((column) => columnKey(column) === key);
  const to = from + by;
  if (from === -1 || to < 0 || to >= columns.length) return columns;
  const moved = [...columns];
  moved.splice(to, 0, ...moved.splice(from, 1));
  return moved;
}

function unique(columns: readonly Column[]): readonly Column[] {
  return [...new Map(columns.map((column) => [columnKey(column), column])).values()];
}
