import { expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import type { RunSummary } from '../../../shared/domain/run-record.ts';
import { FIRST_VIEW, secondsTaken, settingsOf, shareDone, shownRuns, valueOf } from './view-model.ts';

function run(name: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id: name,
    name,
    status: { kind: 'completed', steps: 10 },
    model: { id: null, name: 'llama', path: '/m' },
    dataset: { id: null, versionId: null, name: 'rows', rows: 3 },
    device: 'cpu',
    host: 'studio',
    elsewhere: null,
    dir: '/r',
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: null,
    endedAt: null,
    step: 10,
    totalSteps: 10,
    lastLoss: null,
    tokensPerSecond: null,
    secondsLeft: null,
    sparkline: [],
    checkpoints: [],
    yields: 'adapter',
    hasOutcome: true,
    notes: '',
    origin: null,
    ...more,
  };
}

it('finds by every word, in name, model or dataset, and filters by status', () => {
  const runs = [
    run('captain'),
    run('sailor', { model: { id: null, name: 'Qwen', path: '' }, status: { kind: 'failed', error: { code: 'X', message: 'x' }, resumeFrom: null } }),
  ];
  expect(shownRuns(runs, { ...FIRST_VIEW, search: 'qw sail' }).map(({ name }) => name)).toEqual(['sailor']);
  expect(shownRuns(runs, { ...FIRST_VIEW, search: 'qw captain' })).toEqual([]);
  expect(shownRuns([...runs, run('mate', { notes: 'Higher rank, no better.' })], { ...FIRST_VIEW, search: 'rank' }).map(({ name }) => name)).toEqual([
    'mate',
  ]);
  expect(shownRuns(runs, { ...FIRST_VIEW, statuses: ['failed'] }).map(({ name }) => name)).toEqual(['sailor']);
});

it('sorts both ways, and keeps runs without a value at the end', () => {
  const runs = [run('none'), run('high', { lastLoss: 3 }), run('low', { lastLoss: 1 })];
  const names = (descending: boolean) => shownRuns(runs, { ...FIRST_VIEW, sort: { key: 'lastLoss', descending } }).map(({ name }) => name);
  expect(names(true)).toEqual(['high', 'low', 'none']);
  expect(names(false)).toEqual(['low', 'high', 'none']);
});

it('lists what was chosen before what is default, nested fields included', () => {
  const settings = settingsOf(recipeSchema.parse({ model: '/m', dataset: { file: '/d' }, lora: { r: 4 }, learning_rate: 1e-4 }));
  const chosen = settings.filter(({ isDefault }) => !isDefault).map(({ path, value }) => `${path}=${value}`);
  expect(chosen).toEqual(['model=/m', 'dataset.file=/d', 'lora.r=4', 'learning_rate=0.0001']);
  expect(settings.slice(chosen.length).every(({ isDefault }) => isDefault)).toBe(true);
});

it('tells progress, time and the loss at a checkpoint', () => {
  expect(shareDone(run('a', { status: { kind: 'running', step: 5, totalSteps: 20, resumeFrom: null }, step: 5, totalSteps: 20 }))).toBe(0.25);
  expect(secondsTaken(run('a', { startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:01:30Z' }), Date.now())).toBe(90);
  expect([valueOf([1, 5, 9], [3, 2, 1], 5), valueOf([1, 5, 9], [3, 2, 1], 8), valueOf([1, 5, 9], [3, null, null], 8), valueOf([], [], 8)]).toEqual([
    2,
    2,
    3,
    null,
  ]);
});
