/** A run has one owner: real processes that stand still, die, hurry or have another time of day. */
import { execFile } from 'node:child_process';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it, vi } from 'vitest';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openDatabase } from '../../src/main/registry/database.ts';
import { parityFixture } from '../support/fixture.ts';
import { killTree, runCli, startCli, type CliEvent, type RunningCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

const RECIPE = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');
const TIMEOUT = 180_000;

function train(data: string, out: string, steps: number, onEvent: (event: CliEvent) => void): RunningCli {
  return startCli(
    [
      'train',
      '--recipe',
      RECIPE,
      '--set',
      `max_steps=${steps}`,
      '--set',
      'save_steps=1000',
      '--device',
      'cpu',
      '--threads',
      '1',
      '--data',
      data,
      '--out',
      out,
      '--json',
    ],
    onEvent,
  );
}

async function listed(data: string): Promise<unknown> {
  const { events } = await runCli('runs', '--data', data, '--json');
  return (events[0]!['status'] as { readonly kind: string }).kind;
}

/** Makes all signs of life an hour old: what a host that stands still, or a clock that was set, comes to. */
async function age(data: string, out: string): Promise<void> {
  const before = new Date(Date.now() - 3_600_000);
  await utimes(join(out, 'status.json'), before, before);
  const database = openDatabase(join(dataFolder(data).root, 'registry.sqlite'));
  database.prepare('UPDATE runs SET heartbeat_at = ?').run(before.toISOString());
  database.close();
}

it(
  'a run whose host and engine stand still (Ctrl-Z) is not dead, and goes on',
  async () => {
    const folder = await testFolder();
    const [data, out] = [join(folder, 'data'), join(folder, 'run')];
    let stopped = false;
    const steps: number[] = [];
    const running = train(data, out, 60, ({ kind, step }) => {
      if (kind !== 'step') return;
      steps.push(step as number);
      if (!stopped) process.kill(-running.child.pid!, 'SIGSTOP');
      stopped = true;
    });
    try {
      await vi.waitFor(() => expect(stopped).toBe(true), { timeout: 60_000 });
      // One that is stopped while it writes holds the registry too: then it goes on for a moment, and is stopped again.
      while (
        !(await age(data, out).then(
          () => true,
          () => false,
        ))
      ) {
        process.kill(-running.child.pid!, 'SIGCONT');
        await delay(5);
        process.kill(-running.child.pid!, 'SIGSTOP');
      }
      expect(await listed(data)).toMatch(/preparing|running/);
      const resumed = await runCli('resume', '--out', out, '--data', data, '--json');
      expect(resumed.events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'RUN-ACTIVE', data: { pid: running.child.pid } } });
      // From another studio with a registry of its own as well: the lock lies with the run.
      expect((await runCli('resume', '--out', out, '--data', join(folder, 'other'))).stderr).toMatch(
        new RegExp(`another studio or command \\(process ${running.child.pid}\\)`),
      );
      process.kill(-running.child.pid!, 'SIGCONT');
      expect((await running.ended).code).toBe(0);
      expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    } finally {
      if (running.child.exitCode === null) killTree(running);
    }
  },
  TIMEOUT,
);

it(
  'a run that was killed is interrupted at once, and of two that go on with it at the same time one does',
  async () => {
    const folder = await testFolder();
    const [data, out] = [join(folder, 'data'), join(folder, 'run')];
    const running = train(data, out, 400, ({ kind, step }) => {
      if (kind === 'step' && step === 5) killTree(running);
    });
    await running.ended;
    expect(await listed(data)).toBe('interrupted');
    const resume = () => runCli('resume', '--out', out, '--data', data, '--json');
    const [one, two] = await Promise.all([resume(), resume()]);
    expect([one.code, two.code].sort()).toEqual([0, 1]);
    const refused = one.code === 1 ? one : two;
    expect(refused.events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'RUN-ACTIVE' } });
    const log = (await readFile(join(out, 'events.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as CliEvent);
    // Of the first attempt and of one more, and not a line of the one that was refused.
    expect(log.filter(({ kind }) => kind === 'run')).toHaveLength(2);
    expect(log.filter(({ kind }) => kind === 'failed')).toEqual([]);
  },
  TIMEOUT,
);

it(
  'one wins, twenty times out of twenty, when two claim a run at the same moment',
  async () => {
    const dir = await testFolder();
    const rounds = 20;
    const claim = async () =>
      JSON.parse(
        (await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../support/claim-rounds.ts'), dir, String(start), String(rounds)]))
          .stdout,
      ) as number[];
    const start = Date.now() + 6000;
    const [one, two] = await Promise.all([claim(), claim()]);
    expect(one!.filter((round) => two!.includes(round))).toEqual([]);
    expect([...one!, ...two!].length).toBeGreaterThan(rounds / 2);
  },
  TIMEOUT,
);

it(
  'steps go on being told when the clock is set back, and a kill is noticed',
  async () => {
    const folder = await testFolder();
    const [data, out, file] = [join(folder, 'data'), join(folder, 'run'), join(folder, 'clock')];
    vi.stubEnv('NODE_OPTIONS', `--import=${new URL('../support/set-clock.ts', import.meta.url).href}`);
    vi.stubEnv('CLOCK_SET_BACK', file);
    try {
      let [setAt, told] = [0, 0];
      const running = train(data, out, 100_000, ({ kind, step }) => {
        if (kind === 'step') told = step as number;
      });
      try {
        await vi.waitFor(() => expect(told).toBeGreaterThan(5), { timeout: 60_000 });
        await writeFile(file, '');
        setAt = told;
        await vi.waitFor(() => expect(told).toBeGreaterThan(setAt + 50), { timeout: 30_000 });
        const recorded = async () => (JSON.parse(await readFile(join(out, 'status.json'), 'utf8')) as { status: { step: number } }).status.step;
        const before = await recorded();
        await delay(1500);
        expect(await recorded()).toBeGreaterThan(before);
      } finally {
        killTree(running);
      }
      await running.ended;
      expect(await listed(data)).toBe('interrupted');
    } finally {
      vi.unstubAllEnvs();
    }
  },
  TIMEOUT,
);
