import { afterEach, describe, expect, it } from 'vitest';
import type { Command } from '../engine/protocol.ts';
import type { EngineChild, EngineListeners } from './engine-child.ts';
import { launchEnginesBy, startJob, type EngineEvent } from './engine-host.ts';
import { PROTOCOL_VERSION } from '../engine/protocol.ts';
import { forkEngine } from './fork-engine.ts';

afterEach(() => launchEnginesBy(forkEngine));

const JOB = { kind: 'devices', device: 'cpu', threads: null, cacheDir: 'cache' } as const;
const DONE = { kind: 'done', seconds: 0 } as const;

/** An engine that does what the test says; what the host does to it is kept in order. */
class ScriptedEngine implements EngineChild {
  readonly pid = 7;
  readonly done: (Command | 'killed' | 'released')[] = [];
  on!: EngineListeners;

  send(command: Command): void {
    this.done.push(command);
  }

  kill(): void {
    this.done.push('killed');
  }

  release(): void {
    this.done.push('released');
  }

  listen(listeners: EngineListeners): void {
    this.on = listeners;
  }
}

function started(): { readonly engine: ScriptedEngine; readonly events: EngineEvent[]; readonly job: ReturnType<typeof startJob> } {
  const engine = new ScriptedEngine();
  const events: EngineEvent[] = [];
  launchEnginesBy(() => engine);
  return { engine, events, job: startJob(JOB, (event) => events.push(event)) };
}

describe('a job, however its engine is launched', () => {
  it('starts when the engine is ready, is released by its last word, and ends when the process has gone', async () => {
    const { engine, events, job } = started();
    expect(engine.done).toEqual([]);
    engine.on.message({ kind: 'ready', version: PROTOCOL_VERSION });
    expect(engine.done).toEqual([{ kind: 'start', version: PROTOCOL_VERSION, job: JOB }]);
    engine.on.message(DONE);
    expect(engine.done.at(-1)).toBe('released');
    engine.on.closed('ended with code 0');
    expect(await job.ended).toEqual(DONE);
    expect(events.map(({ kind }) => kind)).toEqual(['ready', 'done']);
  });

  it('asked to stop sends it once, then kills', () => {
    const { engine, job } = started();
    job.stop();
    expect(engine.done).toEqual([{ kind: 'stop' }]);
    job.stop();
    expect(engine.done[1]).toBe('killed');
  });

  it('without a last word is lost, with what the engine had printed', async () => {
    const { engine, events, job } = started();
    engine.on.output(`${'x'.repeat(10_000)} out of memory\n`);
    engine.on.message({ kind: 'no such event' });
    engine.on.closed('was ended by SIGKILL');
    const error = await job.ended.catch((thrown: unknown) => thrown as { readonly code: string; readonly message: string });
    expect(error).toMatchObject({ code: 'ENGINE-LOST', message: expect.stringMatching(/was ended by SIGKILL.*out of memory$/s) });
    expect((error as { readonly message: string }).message.length).toBeLessThan(800);
    expect(error).toMatchObject({ remedy: expect.not.stringContaining('Resume') as string });
    expect(events).toMatchObject([{ kind: 'log', level: 'warning' }]);
  });

  it('that could not be started says why', async () => {
    const { engine, job } = started();
    engine.on.failed(new Error('no such program'));
    await expect(job.ended).rejects.toMatchObject({ code: 'ENGINE-LOST', message: expect.stringContaining('no such program') });
  });
});

it('a forked engine gives its last word and ends', async () => {
  const events: EngineEvent[] = [];
  const job = startJob(JOB, (event) => events.push(event));
  expect((await job.ended).kind).toBe('done');
  expect([events[0]?.kind, events[1]?.kind, events.at(-1)?.kind]).toEqual(['ready', 'device', 'done']);
});
