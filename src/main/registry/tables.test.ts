import { METRIC_NAMES, type MetricPoint } from '../../shared/domain/metrics.ts';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { recipeSchema } from '../../shared/domain/recipe/recipe.ts';
import { CheckpointsTable } from './checkpoints-table.ts';
import { type Database, openDatabase } from './database.ts';
import { DatasetEditsTable } from './dataset-edits-table.ts';
import { DatasetsTable, type VersionEntry } from './datasets-table.ts';
import { LogLinesTable } from './log-lines-table.ts';
import { MetricsTable } from './metrics-table.ts';
import { RecipesTable } from './recipes-table.ts';
import { type NewRun, RunsTable } from './runs-table.ts';

let database: Database;
let recipeHash: string;

beforeEach(async () => {
  const own = openDatabase(join(await testFolder(), 'registry.sqlite'));
  onTestFinished(() => void own.close());
  database = own;
  recipeHash = new RecipesTable(database).put(recipe());
});

function recipe(values: Readonly<Record<string, unknown>> = {}) {
  return recipeSchema.parse({ model: '/m', dataset: { file: '/d.jsonl' }, ...values });
}

function run(id: string, values: Partial<NewRun> = {}): NewRun {
  return {
    id,
    name: `run ${id}`,
    dir: `/runs/${id}`,
    recipe_hash: recipeHash,
    model_id: null,
    model_name: 'm',
    model_path: '/m',
    dataset_version_id: null,
    dataset_name: 'd',
    dataset_rows: null,
    device: 'cpu',
    threads: null,
    host: 'studio',
    status_json: '{"kind":"queued"}',
    created_at: `2026-01-01T00:00:0${id}.000Z`,
    ...values,
  };
}

function point(step: number, loss = step / 10): MetricPoint {
  return { step, values: { loss, learning_rate: 0.1 + 0.2, num_tokens: step * 10 } };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const stepsOf = (rows: readonly { readonly step: number }[]) => rows.map(({ step }) => step);

describe('runs', () => {
  it('are listed newest first, and change in the columns given alone', () => {
    const runs = new RunsTable(database);
    for (const id of ['1', '3', '2']) runs.insert(run(id));
    runs.update('2', { name: 'mine', step: 7 });
    runs.update('2', {});
    expect(runs.all().map(({ id, name, step }) => [id, name, step])).toEqual([
      ['3', 'run 3', 0],
      ['2', 'mine', 7],
      ['1', 'run 1', 0],
    ]);
    expect(runs.byDir('/runs/2')?.name).toBe('mine');
    expect([runs.get('9'), runs.byDir('/runs/9')]).toEqual([null, null]);
  });

  it('give way to a new one of the same folder, with all that belonged to them', () => {
    const runs = new RunsTable(database);
    const metrics = new MetricsTable(database);
    runs.insert(run('1'));
    metrics.insert('1', [point(1)]);
    new LogLinesTable(database).append('1', { time: 't', level: 'info', message: 'old' });
    new CheckpointsTable(database).replace('1', [{ step: 1, path: '/runs/1/checkpoint-1' }]);
    runs.insert(run('2', { dir: '/runs/1' }));
    expect(runs.all().map(({ id }) => id)).toEqual(['2']);
    for (const table of ['metrics', 'log_lines', 'checkpoints'])
      expect(database.prepare(`SELECT count(*) AS n FROM ${table}`).get(), table).toEqual({ n: 0 });
  });

  it('may be asked to stop twice, and not more often', () => {
    const runs = new RunsTable(database);
    runs.insert(run('1'));
    const levels = upTo(3).map(() => {
      runs.requestStop('1');
      return runs.stopRequested('1');
    });
    expect(levels).toEqual([1, 2, 2]);
    expect(runs.stopRequested('none')).toBe(0);
  });
});

describe('metrics', () => {
  beforeEach(() => {
    for (const id of ['1', '2']) new RunsTable(database).insert(run(id));
  });

  it('are read on from a step, go back to one, and take a step told twice as told last', () => {
    const metrics = new MetricsTable(database);
    metrics.insert(
      '1',
      upTo(10).map((step) => point(step)),
    );
    // A neighbour that must neither be seen nor deleted.
    metrics.insert(
      '2',
      upTo(20).map((step) => point(step)),
    );
    expect(stepsOf(metrics.after('1', 0, 4))).toEqual([1, 2, 3, 4]);
    expect(stepsOf(metrics.after('1', 4, 100))).toEqual([5, 6, 7, 8, 9, 10]);
    expect(stepsOf(metrics.last('1', 2))).toEqual([10, 9]);
    metrics.deleteAfter('1', 6);
    metrics.insert('1', [point(6, 99), point(7)]);
    expect(metrics.after('1', 5, 100).map(({ step, values }) => [step, values.loss])).toEqual([
      [6, 99],
      [7, 0.7],
    ]);
    expect(metrics.after('2', 0, 100)).toHaveLength(20);
  });

  it('are written whole or not at all', () => {
    const metrics = new MetricsTable(database);
    expect(() => metrics.insert('1', [point(1), { ...point(2), step: 'two' as unknown as number }])).toThrow(/INTEGER/);
    expect(metrics.after('1', 0, 10)).toEqual([]);
  });

  it('hold every metric of the catalogue, to the last digit, and no more than was measured', () => {
    const metrics = new MetricsTable(database);
    const values = Object.fromEntries(METRIC_NAMES.map((name, i) => [name, (i + 1) / 3]));
    metrics.insert('1', [
      { step: 1, values },
      { step: 2, values: { epoch: 1 } },
    ]);
    expect(metrics.after('1', 0, 10)).toEqual([
      { step: 1, values },
      { step: 2, values: { epoch: 1 } },
    ]);
    expect(metrics.sample('1', 2, 60)).toEqual([values['loss']]);
    expect(metrics.sample('1', 1, 60, 'grad_norm')).toEqual([values['grad_norm']]);
  });

  it.each([
    ['fewer steps than asked for', 3, 3, 60, [1, 2, 3]],
    ['many', 1000, 1000, 5, [1, 251, 501, 750, 1000]],
    ['one step', 1, 1, 60, [1]],
    ['none', 0, 0, 60, []],
    ['no further than the step named', 10, 4, 2, [1, 4]],
  ])('are sampled evenly, with both ends: %s', (_name, stored, last, count, steps) => {
    const metrics = new MetricsTable(database);
    metrics.insert(
      '1',
      upTo(stored).map((step) => point(step, step)),
    );
    expect(metrics.sample('1', last, count)).toEqual(steps);
  });

  it('are sampled without repeats where only every tenth step was logged', () => {
    const metrics = new MetricsTable(database);
    metrics.insert(
      '1',
      upTo(5).map((i) => point(i * 10, i * 10)),
    );
    expect(metrics.sample('1', 50, 60)).toEqual([10, 20, 30, 40, 50]);
  });
});

it('checkpoints are those of the folder: new ones come, pruned ones go, the others keep their time', () => {
  new RunsTable(database).insert(run('1'));
  const checkpoints = new CheckpointsTable(database);
  const place = (step: number) => ({ step, path: `/runs/1/checkpoint-${step}` });
  checkpoints.replace('1', [place(10), place(5)]);
  database.exec("UPDATE checkpoints SET created_at = 'first'");
  checkpoints.replace('1', [place(10), place(15)]);
  expect(checkpoints.list('1')).toEqual([place(10), place(15)]);
  expect(database.prepare('SELECT created_at FROM checkpoints WHERE step = 10').get()).toEqual({ created_at: 'first' });
  checkpoints.replace('1', []);
  expect(checkpoints.list('1')).toEqual([]);
});

it('log lines are numbered on, and the oldest go beyond the bound, of their run alone', () => {
  for (const id of ['1', '2']) new RunsTable(database).insert(run(id));
  const log = new LogLinesTable(database);
  log.append('2', { time: 't', level: 'warning', message: 'a neighbour' });
  database.transaction(() => {
    for (const i of upTo(10_003)) log.append('1', { time: 't', level: 'info', message: `line ${i}` });
  })();
  const lines = log.after('1', 0, 20_000);
  expect(lines).toHaveLength(10_000);
  expect([lines[0], lines.at(-1)]).toMatchObject([
    { seq: 4, message: 'line 4' },
    { seq: 10_003, message: 'line 10003' },
  ]);
  expect(log.after('1', 10_001, 1)).toMatchObject([{ seq: 10_002 }]);
  expect(log.after('2', 0, 10)).toMatchObject([{ seq: 1, level: 'warning' }]);
});

it('recipes of equal content are one row, whatever the order of their fields', () => {
  const recipes = new RecipesTable(database);
  const { dataset, model, ...rest } = recipe();
  expect(recipes.put({ ...rest, dataset, model })).toBe(recipeHash);
  expect(recipes.put(recipe({ learning_rate: 0.5 }))).not.toBe(recipeHash);
  expect(database.prepare('SELECT count(*) AS n FROM recipes').get()).toEqual({ n: 2 });
  expect(recipeSchema.parse(JSON.parse(recipes.get(recipeHash)!))).toEqual(recipe());
  expect(recipes.get('none')).toBeNull();
});

it('edits go back and forth in order; a new one ends what could be redone', () => {
  const version: VersionEntry = {
    id: 'v',
    dataset_id: 'd',
    number: 1,
    format: 'text',
    file: '/f',
    rows: 1,
    bad_rows: 0,
    bad_rows_file: null,
    bad_row_samples_json: '[]',
    notices_json: '[]',
    findings_json: '[]',
    content_hash: 'h',
    created_at: 't',
  };
  new DatasetsTable(database).insert(
    { id: 'd', name: 'd', source_name: 'd', source_file: null, origin: null, created_at: 't', updated_at: 't' },
    version,
  );
  const edits = new DatasetEditsTable(database);
  const journal = () => edits.all('v').map(({ edit_json: json, undone }) => `${json}${undone ? ' undone' : ''}`);
  for (const name of ['a', 'b', 'c']) edits.append('v', name);
  edits.undo('v');
  edits.undo('v');
  expect(journal()).toEqual(['a', 'b undone', 'c undone']);
  edits.redo('v');
  expect(journal()).toEqual(['a', 'b', 'c undone']);
  edits.append('v', 'd');
  edits.redo('v');
  expect(journal()).toEqual(['a', 'b', 'd']);
  for (const _ of upTo(5)) edits.undo('v');
  expect(journal()).toEqual(['a undone', 'b undone', 'd undone']);
});

describe('what is asked often is found by an index', () => {
  /** The plan of the statement that `ask` prepares: the statement itself, not a copy that grows old. */
  function planOf(ask: () => unknown): string {
    const statements: string[] = [];
    const prepare = database.prepare.bind(database);
    database.prepare = ((sql: string) => {
      statements.push(sql);
      return prepare(sql);
    }) as typeof database.prepare;
    ask();
    database.prepare = prepare as typeof database.prepare;
    const [sql] = statements;
    const parameters = [...sql!.matchAll(/\?/g)].map(() => 1);
    return prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map(({ detail }) => detail)
      .join('; ');
  }

  it.each([
    ['points after a step', () => new MetricsTable(database).after('1', 5, 10), /^SEARCH metrics USING PRIMARY KEY \(run_id=\? AND step>\?\)$/],
    ['the last points', () => new MetricsTable(database).last('1', 5), /^SEARCH metrics USING PRIMARY KEY \(run_id=\?\)$/],
    ['a sample', () => new MetricsTable(database).sample('1', 5, 1), /^SEARCH metrics USING PRIMARY KEY \(run_id=\? AND step>\? AND step<\?\)$/],
    ['lines after a number', () => new LogLinesTable(database).after('1', 5, 10), /^SEARCH log_lines USING PRIMARY KEY \(run_id=\? AND seq>\?\)$/],
    ['the run of a folder', () => new RunsTable(database).byDir('/runs/1'), /^SEARCH runs USING INDEX .* \(dir=\?\)$/],
    [
      'all runs, newest first',
      () => new RunsTable(database).all(),
      /^SCAN runs USING INDEX runs_by_creation(; USE TEMP B-TREE FOR (LAST TERM OF|RIGHT PART OF) ORDER BY)?$/,
    ],
  ])('%s', (_name, ask, plan) => {
    expect(planOf(ask)).toMatch(plan);
  });
});
