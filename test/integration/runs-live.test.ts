import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openDatabase } from '../../src/main/registry/database.ts';
import { RunsTable } from '../../src/main/registry/runs-table.ts';
import type { RunLibrary } from '../../src/main/services/runs/run-library.ts';
import { openStudio } from '../../src/main/studio.ts';
import type { RunWatchUpdate } from '../../src/shared/domain/run-record.ts';
import { parityFixture } from '../support/fixture.ts';
import { killTree, runCli, startCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

const RECIPE = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');

/** A run of the command line long enough to be watched. */
function trainArgs(data: string, out: string, steps: number): readonly string[] {
  return [
    'train',
    '--recipe',
    RECIPE,
    '--set',
    `max_steps=${steps}`,
    '--set',
    'save_steps=20',
    '--device',
    'cpu',
    '--threads',
    '1',
    '--data',
    data,
    '--out',
    out,
    '--json',
  ];
}

async function firstRun(runs: RunLibrary): Promise<string> {
  for await (const list of runs.watchList(AbortSignal.timeout(60_000))) if (list[0]) return list[0].id;
  throw new Error('no run appeared');
}

/** Watches until `enough`; what was heard, in order. */
async function heard(
  runs: RunLibrary,
  id: string,
  enough: (update: RunWatchUpdate, all: readonly RunWatchUpdate[]) => boolean,
): Promise<readonly RunWatchUpdate[]> {
  const all: RunWatchUpdate[] = [];
  for await (const update of runs.watch(id, AbortSignal.timeout(120_000))) {
    all.push(update);
    if (enough(update, all)) return all;
  }
  throw new Error(`gave up after ${JSON.stringify(all.slice(-3))}`);
}

/** Steps as a page has them after all that it was told. */
function stepsOf(updates: readonly RunWatchUpdate[]): readonly number[] {
  return updates.reduce<readonly number[]>((steps, update) => {
    if (update.kind === 'rewind') return steps.filter((step) => step <= update.afterStep);
    return update.kind === 'metrics' ? [...steps, ...update.columns.step] : steps;
  }, []);
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('a run of the command line, seen by the studio', () => {
  it('is live while it runs, can be stopped from there, and goes on there', async () => {
    const folder = await testFolder();
    const data = dataFolder(join(folder, 'data'));
    const studio = openStudio(data, 'browser');
    const { runs } = studio.services;
    const cli = startCli(trainArgs(data.root, join(folder, 'run'), 400));
    const id = await firstRun(runs);
    const before = await heard(runs, id, (update) => update.kind === 'metrics' && update.columns.step.at(-1)! >= 30);
    expect(before[0]).toMatchObject({ kind: 'run', run: { host: 'cli', dir: join(folder, 'run') } });
    // Otherwise the history was shown, not the run.
    expect(cli.child.exitCode).toBeNull();
    expect(stepsOf(before)).toEqual(upTo(stepsOf(before).length));

    runs.stop(id);
    const ended = await cli.ended;
    expect(ended.code).toBe(130);
    const stopped = runs.get(id);
    expect(stopped.status.kind).toBe('stopped');
    expect(stopped.checkpoints.at(-1)).toBe(stopped.step);

    await runs.resume(id);
    const after = await heard(runs, id, (update) => update.kind === 'run' && update.run.status.kind === 'completed');
    expect(runs.get(id)).toMatchObject({ host: 'studio', status: { kind: 'completed', steps: 400 }, step: 400, totalSteps: 400 });
    expect(stepsOf(after).length).toBeGreaterThan(30);
    expect(stepsOf(await heard(runs, id, (update) => update.kind === 'log'))).toEqual(upTo(400));
    await studio.close();
  });

  it('says at which step it was interrupted when everything of it was killed', async () => {
    const folder = await testFolder();
    const data = dataFolder(join(folder, 'data'));
    const cli = startCli(trainArgs(data.root, join(folder, 'run'), 4000), ({ kind, step }) => {
      if (kind === 'step' && step === 50) killTree(cli);
    });
    await cli.ended;
    const studio = openStudio(data, 'browser');
    const id = await firstRun(studio.services.runs);
    await heard(studio.services.runs, id, (update) => update.kind === 'run' && update.run.status.kind === 'interrupted');
    const { status, step } = studio.services.runs.get(id);
    expect(status).toMatchObject({ kind: 'interrupted', step, resumeFrom: 40 });
    expect(step).toBeGreaterThanOrEqual(40);
    await studio.close();
  });
});

it('a run whose engine is killed is interrupted, tells a watcher to go back, and has each step once', async () => {
  const folder = await testFolder();
  const data = dataFolder(join(folder, 'data'));
  const studio = openStudio(data, 'browser');
  const { runs } = studio.services;
  const cli = startCli([...trainArgs(data.root, join(folder, 'run'), 3000), '--set', 'save_steps=100']);
  const id = await firstRun(runs);
  const watched = heard(
    runs,
    id,
    (update, all) => update.kind === 'run' && update.run.status.kind === 'stopped' && all.some(({ kind }) => kind === 'rewind'),
  );
  // Well between two checkpoints, so that there is something to go back from.
  await heard(runs, id, (update) => update.kind === 'metrics' && update.columns.step.at(-1)! >= 130);
  const table = new RunsTable(openDatabase(join(data.root, 'registry.sqlite')));
  process.kill(table.get(id)!.engine_pid!, 'SIGKILL');
  await cli.ended;
  const interrupted = runs.get(id);
  expect(interrupted.status).toMatchObject({ kind: 'interrupted', step: interrupted.step, resumeFrom: interrupted.checkpoints.at(-1) });

  await runs.resume(id);
  await heard(runs, id, (update) => update.kind === 'metrics' && update.columns.step.at(-1)! > interrupted.step);
  runs.stop(id);
  const steps = stepsOf(await watched);
  expect(steps).toEqual(upTo(steps.length));
  await studio.close();
});

describe('a run of the studio', () => {
  async function started(steps: number) {
    const folder = await testFolder();
    const data = dataFolder(join(folder, 'data'));
    const studio = openStudio(data, 'browser');
    studio.services.settings.update({ device: 'cpu', threads: 1 });
    const { model, dataset, settings } = await studio.services.starter.open();
    const run = await studio.services.runs.start(
      { modelId: model.id, datasetId: dataset.id, settings: { ...settings, max_steps: steps, warmup_steps: 0, save_steps: 1000 } },
      'From the studio',
    );
    return { data, studio, runs: studio.services.runs, run };
  }

  it('is live in the command line, which can stop it', async () => {
    const { data, studio, runs, run } = await started(5000);
    const stepsSeen: number[] = [];
    let seenAlive = false;
    let asked: Promise<unknown> | null = null;
    const watching = startCli(['runs', '--watch', run.id, '--data', data.root, '--json'], (event) => {
      if (event.kind !== 'metrics') return;
      stepsSeen.push(...(event['columns'] as { step: number[] }).step);
      seenAlive ||= runs.get(run.id).status.kind === 'running';
      // Once: asked again, a run ends without saving.
      if (stepsSeen.length >= 5 && !asked) asked = runCli('runs', '--stop', 'From the studio', '--data', data.root);
    });
    expect((await watching.ended).code).toBe(0);
    expect(seenAlive).toBe(true);
    expect(runs.get(run.id).status).toEqual({ kind: 'stopped', resumeFrom: runs.get(run.id).step });
    expect(stepsSeen).toEqual(upTo(runs.get(run.id).step));
    expect((await runCli('runs', '--data', data.root)).stdout).toMatch(/stopped .*From the studio/);
    await studio.close();
  });

  it('is saved when its host goes down, and goes on after it; asked twice at once, it goes on once', async () => {
    const { data, studio, runs, run } = await started(5000);
    await heard(runs, run.id, (update) => update.kind === 'metrics');
    await studio.close();
    const again = openStudio(data, 'browser');
    const saved = again.services.runs.get(run.id);
    expect(saved).toMatchObject({ status: { kind: 'stopped', resumeFrom: saved.step }, checkpoints: [saved.step] });
    const [first, second] = await Promise.allSettled([again.services.runs.resume(run.id), again.services.runs.resume(run.id)]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    await expect(again.services.runs.remove(run.id)).rejects.toMatchObject({ code: 'RUN-ACTIVE' });
    await heard(again.services.runs, run.id, (update) => update.kind === 'metrics' && update.columns.step.at(-1)! > saved.step);
    again.services.runs.stop(run.id);
    await heard(again.services.runs, run.id, (update) => update.kind === 'run' && update.run.status.kind === 'stopped');
    await again.close();
  });

  it('is one for the tour however many windows ask at once; others of the same model and data have names that differ, and notes that last', async () => {
    const data = dataFolder(join(await testFolder(), 'data'));
    const studio = openStudio(data, 'browser');
    const { runs, starter, settings: store } = studio.services;
    store.update({ device: 'cpu', threads: 1 });
    const { model, dataset, settings } = await starter.open();
    const subject = { modelId: model.id, datasetId: dataset.id, settings: { ...settings, max_steps: 5000 } };
    const tours = await Promise.all([runs.start(subject, 'Tour: pirate', 'tour'), runs.start(subject, 'Tour: pirate', 'tour')]);
    expect(new Set(tours.map(({ id }) => id)).size).toBe(1);
    expect(runs.list()).toHaveLength(1);
    runs.stop(tours[0].id);
    await heard(runs, tours[0].id, (update) => update.kind === 'run' && update.run.status.kind === 'stopped');
    // The first is over: now it is another one.
    const others = [
      await runs.start(subject, 'Tour: pirate', 'tour'),
      ...(await Promise.all([runs.start(subject, null), runs.start(subject, null)])),
    ];
    const plain = `${model.name} · ${dataset.name}`;
    expect(others.map(({ name }) => name)).toEqual(['Tour: pirate 2', plain, `${plain} 2`]);
    runs.note(others[1]!.id, 'Rank 4 was enough.');
    await studio.close();
    const again = openStudio(data, 'browser');
    expect(again.services.runs.get(others[1]!.id)).toMatchObject({ notes: 'Rank 4 was enough.', origin: null });
    expect(again.services.runs.get(others[0]!.id)).toMatchObject({ notes: '', origin: 'tour' });
    await again.close();
  });

  it('says what was made from it before it is deleted', async () => {
    const { studio, runs, run } = await started(3);
    await heard(runs, run.id, (update) => update.kind === 'run' && update.run.status.kind === 'completed');
    const { recipe } = runs.get(run.id);
    const { model, dataset } = await studio.services.starter.open();
    const { version: _version, model: _model, dataset: _dataset, ...settings } = recipe;
    const next = await runs.start(
      { modelId: model.id, datasetId: dataset.id, settings: { ...settings, adapter: join(run.dir, 'adapter') } },
      'Second course',
    );
    const { bytes, ...rest } = await studio.services.runDependents.of(run.id);
    expect(rest).toEqual({ checkpoints: 1, comparisons: 0, runs: ['Second course'], models: [] });
    expect(bytes).toBeGreaterThan(1_000_000);
    expect((await studio.services.runDependents.of(next.id)).runs).toEqual([]);
    await studio.close();
  });

  it('takes nothing with it that is not its own when it is deleted', async () => {
    const { studio, runs, run } = await started(3);
    await heard(runs, run.id, (update) => update.kind === 'run' && update.run.status.kind === 'completed');
    const mine = join(run.dir, 'my-notes.txt');
    await writeFile(mine, 'mine');
    await runs.remove(run.id);
    expect(await readdir(run.dir)).toEqual(['my-notes.txt']);
    expect(runs.list()).toEqual([]);
    await studio.close();
  });
});
