import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { parityFixture } from '../../../test/support/fixture.ts';
import { testFolder } from '../../../test/support/test-folder.ts';
import { importDataset } from '../datasets/import-dataset.ts';
import { recipeSchema } from '../../shared/domain/recipe/recipe.ts';
import { PROTOCOL_VERSION, type Command, type EngineEvent, type ResidentJob } from '../engine/protocol.ts';
import type { EngineChild, EngineListeners } from './engine-child.ts';
import { launchEnginesBy, startJob } from './engine-host.ts';
import { forkEngine } from './fork-engine.ts';
import { ResidentEngines, type ResidentLimits } from './resident-engines.ts';

afterEach(() => {
  vi.useRealTimers();
  launchEnginesBy(forkEngine);
});

const DONE = { kind: 'done', seconds: 0 } as const;
const place = { device: 'reference', threads: null, cacheDir: 'cache' } as const;
const recipeOf = (model: string) => recipeSchema.parse({ model, dataset: { file: 'rows' } });

function preview(model: string): ResidentJob {
  return { kind: 'preview', ...place, recipe: recipeOf(model), rows: { file: 'rows', contentHash: '' }, first: 0, count: 1 };
}

function question(model: string): ResidentJob {
  const sampling = { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
  return {
    kind: 'generate',
    ...place,
    model,
    precision: 'auto',
    columns: [{ name: 'base', adapter: null }],
    prompts: [{ kind: 'text', text: 'a' }],
    chatTemplate: null,
    maxNewTokens: 4,
    sampling,
    seed: 0,
  };
}

/** An engine that does what the test says. */
class ScriptedEngine implements EngineChild {
  readonly pid = 7;
  readonly heard: Command[] = [];
  alive = true;
  on!: EngineListeners;

  send(command: Command): void {
    this.heard.push(command);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.on.closed('was ended by SIGKILL');
  }

  release(): void {}

  listen(listeners: EngineListeners): void {
    this.on = listeners;
  }

  ready(): void {
    this.on.message({ kind: 'ready', version: PROTOCOL_VERSION });
  }

  reply(ask: number, event: EngineEvent): void {
    this.on.message({ kind: 'reply', ask, event });
  }
}

function scripted(limits: Partial<ResidentLimits> = {}) {
  const started: ScriptedEngine[] = [];
  launchEnginesBy(() => {
    const engine = new ScriptedEngine();
    started.push(engine);
    return engine;
  });
  const engines = new ResidentEngines(limits);
  onTestFinished(() => engines.close());
  const ask = (job: ResidentJob) => {
    const events: EngineEvent[] = [];
    return { events, ...engines.ask(job, (event) => events.push(event)) };
  };
  return { engines, started, ask };
}

describe('engines that stay', () => {
  it('a second ask starts no process, and each ask gets its own events', async () => {
    const { started, ask } = scripted();
    const [one, two] = [ask(preview('/a')), ask(question('/a'))];
    const [engine] = started;
    expect(engine!.heard, 'nothing is sent to a process that is not ready').toEqual([]);
    engine!.ready();
    expect(engine!.heard).toMatchObject([
      { kind: 'ask', ask: 0, job: { kind: 'preview' } },
      { kind: 'ask', ask: 1, job: { kind: 'generate' } },
    ]);
    engine!.reply(1, { kind: 'log', level: 'info', message: 'of the second' });
    engine!.reply(0, DONE);
    engine!.reply(1, DONE);
    expect(await one.ended).toEqual(DONE);
    expect(await two.ended).toEqual(DONE);
    expect(one.events).toEqual([DONE]);
    expect(two.events).toEqual([{ kind: 'log', level: 'info', message: 'of the second' }, DONE]);
    ask(preview('/a'));
    expect(started).toHaveLength(1);
    expect(engine!.heard.at(-1)).toMatchObject({ kind: 'ask', ask: 2 });
  });

  it('a cancelled ask is over at once for who asked; the process lives and serves the next', async () => {
    const { started, ask } = scripted();
    const one = ask(preview('/a'));
    started[0]!.ready();
    one.stop();
    expect(await one.ended).toMatchObject({ kind: 'stopped' });
    expect(started[0]!.heard.at(-1)).toEqual({ kind: 'cancel', ask: 0 });
    const two = ask(preview('/a'));
    // Late words of the first reach nobody.
    started[0]!.reply(0, { kind: 'log', level: 'info', message: 'late' });
    started[0]!.reply(0, { kind: 'stopped', step: 0, checkpoint: null });
    started[0]!.reply(1, DONE);
    expect(await two.ended).toEqual(DONE);
    expect([one.events, two.events]).toEqual([[], [DONE]]);
    expect([started.length, started[0]!.alive]).toEqual([1, true]);
  });

  it('one that does not break off is ended, and the next ask starts anew', async () => {
    vi.useFakeTimers();
    const { started, ask } = scripted();
    const one = ask(question('/a'));
    started[0]!.ready();
    one.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started[0]!.alive).toBe(false);
    ask(question('/a'));
    expect(started).toHaveLength(2);
  });

  it('a crash is told to all it was asked, with what was printed, and the next ask starts anew', async () => {
    const { started, ask } = scripted();
    const both = [ask(preview('/a')), ask(question('/a'))];
    started[0]!.on.output('out of memory\n');
    started[0]!.on.closed('was ended by SIGSEGV');
    for (const { ended } of both)
      await expect(ended).rejects.toMatchObject({
        code: 'ENGINE-LOST',
        message: expect.stringMatching(/SIGSEGV.*out of memory/s),
        remedy: expect.stringContaining('Ask again'),
      });
    await vi.waitFor(() => {
      ask(preview('/a'));
      expect(started).toHaveLength(2);
    });
  });

  it('goes when nothing was asked for a while, not before and not while it works', async () => {
    vi.useFakeTimers();
    const { started, ask, engines } = scripted({ idle: 1000 });
    ask(preview('/a'));
    started[0]!.ready();
    await vi.advanceTimersByTimeAsync(5000);
    started[0]!.reply(0, DONE);
    await vi.advanceTimersByTimeAsync(900);
    ask(preview('/a'));
    started[0]!.reply(1, DONE);
    await vi.advanceTimersByTimeAsync(900);
    expect(started[0]!.alive).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    expect([started[0]!.alive, engines.list()]).toEqual([false, []]);
  });

  it('never holds the weights of two models, and no more processes than it may', () => {
    const { started, ask } = scripted({ engines: 2 });
    for (const [index, job] of [question('/a'), preview('/b'), question('/b')].entries()) {
      ask(job);
      started[0]!.ready();
      started[1]?.ready();
      if (index === 0) started[0]!.reply(0, DONE);
    }
    expect(
      started.map(({ alive }) => alive),
      'the weights of a went when b was to answer',
    ).toEqual([false, true]);
    started[1]!.reply(0, DONE);
    started[1]!.reply(1, DONE);
    ask(preview('/c'));
    ask(preview('/d'));
    expect(started.map(({ alive }) => alive)).toEqual([false, false, true, true]);
  });

  it('gives its memory to training, says how much, and keeps engines that hold none', async () => {
    const { started, ask } = scripted();
    ask(question('/models/a'));
    ask(preview('/models/b'));
    started[0]!.reply(0, { kind: 'memory', memory: { weights: 500 * 2 ** 20, state: 12 * 2 ** 20, workspace: 0, peak: 0 } });
    started[0]!.reply(0, DONE);
    const told: EngineEvent[] = [];
    const train = {
      kind: 'train',
      device: 'cpu',
      threads: 1,
      cacheDir: 'cache',
      recipe: recipeOf('/a'),
      rows: { file: 'r', contentHash: '' },
      outDir: 'o',
      resumeFrom: null,
    } as const;
    const { ended } = startJob(train, (event) => told.push(event));
    expect(started.map(({ alive }) => alive)).toEqual([false, true, true]);
    await vi.waitFor(() => expect(told).toEqual([{ kind: 'log', level: 'info', message: expect.stringMatching(/ for a \(512 MiB\) was let go/) }]));
    // Asked for while it trains: answered, and gone.
    ask(question('/models/a'));
    started[3]!.reply(0, DONE);
    expect(started[3]!.alive).toBe(false);
    started[2]!.on.message(DONE);
    started[2]!.on.closed('ended with code 0');
    await ended;
    ask(question('/models/a'));
    started[4]!.reply(0, DONE);
    expect(started[4]!.alive, 'with training over it stays').toBe(true);
  });

  it('an answer under way when training starts is finished first', async () => {
    const { started, ask } = scripted();
    const one = ask(question('/a'));
    const told: EngineEvent[] = [];
    const job = {
      kind: 'train',
      device: 'cpu',
      threads: 1,
      cacheDir: 'cache',
      recipe: recipeOf('/a'),
      rows: { file: 'r', contentHash: '' },
      outDir: 'o',
      resumeFrom: null,
    } as const;
    const training = startJob(job, (event) => told.push(event));
    expect(started[0]!.alive).toBe(true);
    started[0]!.reply(0, DONE);
    expect(await one.ended).toEqual(DONE);
    expect(started[0]!.alive).toBe(false);
    await vi.waitFor(() => expect(told).toMatchObject([{ message: expect.stringContaining('goes when its answer is finished') }]));
    started[1]!.on.closed('was ended by SIGKILL');
    await expect(training.ended).rejects.toMatchObject({ code: 'ENGINE-LOST' });
  });
});

describe('a real engine that stays', () => {
  it("serves previews and answers with one process, breaks off one ask alone, and goes with its host's word", async () => {
    const root = await testFolder();
    const model = parityFixture('models', 'llama-tied');
    const { file } = await importDataset({ file: parityFixture('datasets', 'text.jsonl'), outDir: root });
    let launched = 0;
    launchEnginesBy((entry) => {
      launched++;
      return forkEngine(entry);
    });
    const engines = new ResidentEngines();
    const run = async (job: ResidentJob, watch: (event: EngineEvent, stop: () => void) => void = () => undefined) => {
      const events: EngineEvent[] = [];
      const asked = engines.ask(job, (event) => {
        events.push(event);
        watch(event, () => asked.stop());
      });
      return { events, last: await asked.ended };
    };
    const rows: ResidentJob = { ...preview(model), rows: { file, contentHash: '' }, cacheDir: root, count: 2 } as ResidentJob;
    expect((await run(rows)).events.map(({ kind }) => kind)).toEqual(['preview', 'preview', 'findings', 'done']);
    expect(engines.list()).toMatchObject([{ model, bytes: null }]);
    const asked: ResidentJob = { ...question(model), device: 'cpu', threads: 1, cacheDir: root } as ResidentJob;
    const first = await run(asked);
    const broken = await run({ ...asked, maxNewTokens: 300 } as ResidentJob, (event, stop) => event.kind === 'text' && stop());
    expect(broken.last.kind).toBe('stopped');
    const second = await run(asked);
    // Its cache held another conversation meanwhile.
    const texts = (events: readonly EngineEvent[]) => events.filter(({ kind }) => kind === 'text');
    expect(texts(second.events)).toEqual(texts(first.events));
    expect(texts(first.events)).not.toEqual([]);
    expect(
      second.events.filter(({ kind }) => kind === 'progress'),
      'nothing is loaded again',
    ).toEqual([]);
    expect(first.events.some(({ kind }) => kind === 'progress')).toBe(true);
    expect([launched, engines.list()[0]!.bytes! > 0]).toEqual([1, true]);
    const { pid } = engines.list()[0]!;
    await engines.close();
    expect(() => process.kill(pid!, 0)).toThrow();
  });
});
