import { describe, expect, it } from 'vitest';
import type { Column } from '../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import type { RunSummary } from '../../../shared/domain/run-record.ts';
import { addColumn, columnKey, initialColumns, initialModel, MAX_COLUMNS, moveColumn, nameOf, parseRuns, runOptions, runsOf } from './columns.ts';

function run(id: string, model: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id,
    name: `run ${id}`,
    model: { id: model, name: model, path: `/${model}` },
    step: 90,
    yields: 'adapter',
    hasOutcome: true,
    checkpoints: [30, 60, 90],
    ...more,
  } as RunSummary;
}

function model(id: string, kind: 'usable' | 'unusable' = 'usable'): ModelRecord {
  return { id, name: id, path: `/${id}`, state: { kind } } as ModelRecord;
}

const base: Column = { kind: 'base' };
const tuned = (runId: string, checkpoint: number | null = null): Column => ({ kind: 'run', runId, checkpoint });

describe('columns', () => {
  it('offers the runs of the model only, those of the command line by path, and none without weights', () => {
    const cli = run('cli', 'a', { model: { id: null, name: 'a', path: '/a' } });
    const empty = run('empty', 'a', { hasOutcome: false, checkpoints: [] });
    expect(runsOf(model('a'), [run('1', 'a'), run('2', 'b'), cli, empty]).map(({ id }) => id)).toEqual(['1', 'cli']);
  });

  it('lists the finished adapter first, then checkpoints from the newest', () => {
    expect(runOptions(run('1', 'a')).options.map(({ key }) => key)).toEqual(['1:last', '1:90', '1:60', '1:30']);
    expect(runOptions(run('1', 'a', { hasOutcome: false })).options.map(({ key }) => key)).toEqual(['1:90', '1:60', '1:30']);
  });

  it('reads runs and checkpoints from the query', () => {
    expect(parseRuns('x,y:40,')).toEqual([tuned('x'), tuned('y', 40)]);
    expect(parseRuns(null)).toEqual([]);
  });

  it('starts with base and what was asked for, else the newest run; runs of other models are left out', () => {
    const runs = [run('1', 'a'), run('2', 'a', { hasOutcome: false }), run('3', 'b')];
    expect(initialColumns([], model('a'), runs)).toEqual([base, tuned('1')]);
    expect(initialColumns([tuned('2', 30), tuned('3')], model('a'), runs)).toEqual([base, tuned('2', 30)]);
    expect(initialColumns([], model('c'), runs)).toEqual([base]);
  });

  it('finds the model by the query, by the first run, by what was tuned last, and never an unusable one', () => {
    const models = [model('u', 'unusable'), model('a'), model('b')];
    expect(initialModel('a', [], models, [])?.id).toBe('a');
    expect(initialModel('u', [], models, [])?.id).toBe('a');
    expect(initialModel(null, [tuned('3')], models, [run('1', 'a'), run('3', 'b')])?.id).toBe('b');
    expect(initialModel(null, [], models, [run('0', 'u'), run('3', 'b')])?.id).toBe('b');
    expect(initialModel(null, [], [models[0]!], [])).toBeNull();
  });

  it('adds no column twice and none beyond the limit', () => {
    expect(addColumn([base], base)).toEqual([base]);
    const many = Array.from({ length: 12 }, (_, i) => tuned(String(i)));
    expect(many.reduce<readonly Column[]>((columns, column) => addColumn(columns, column), [base])).toHaveLength(MAX_COLUMNS);
  });

  it('moves a column by one and stops at the edges', () => {
    const columns = [base, tuned('1'), tuned('2')];
    expect(moveColumn(columns, '2:last', -1).map(columnKey)).toEqual(['base', '2:last', '1:last']);
    expect(moveColumn(columns, 'base', -1)).toBe(columns);
    expect(moveColumn(columns, '2:last', 1)).toBe(columns);
  });

  it('names a column by what will answer, and knows when the run is gone', () => {
    const stopped = run('1', 'a', { hasOutcome: false, checkpoints: [30, 60] });
    expect(nameOf(tuned('1'), [stopped])).toEqual({ kind: 'checkpoint', run: 'run 1', step: 60 });
    expect(nameOf(tuned('1', 30), [stopped])).toEqual({ kind: 'checkpoint', run: 'run 1', step: 30 });
    expect(nameOf(tuned('gone'), [stopped])).toBeNull();
  });
});
