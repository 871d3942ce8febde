/** The engine process and its host when the other side crashes or talks nonsense. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { engineEventSchema, PROTOCOL_VERSION, type EngineEvent, type PreviewJob } from '../../src/main/engine/protocol.ts';
import { latestCheckpoint } from '../../src/main/engine/train/checkpoint.ts';
import { finishJob, runFaulty, runJob, stepValues, trainJob } from '../support/engine-job.ts';
import { testFolder } from '../support/test-folder.ts';

/** Previews of some 30 kB each: more than the pipe between the processes holds. */
const COUNT = 60;

const ENGINE = fileURLToPath(new URL('../../src/main/engine/process.ts', import.meta.url));

describe('the host', () => {
  it.each(['SIGABRT', 'SIGSEGV', 'SIGKILL'] as const)('outlives an engine ended by %s, and the run goes on from its checkpoint', async (signal) => {
    const root = await testFolder();
    const job = await trainJob(root, 'run', { recipe: { max_steps: 200, save_steps: 1 } });
    const ended = runJob(job, (event, { pid }) => {
      if (event.kind === 'checkpoint') process.kill(pid!, signal);
    });
    await expect(ended).rejects.toMatchObject({ code: 'ENGINE-LOST', message: expect.stringContaining(signal) as string });
    const from = (await latestCheckpoint(job.outDir))!;
    expect(from.step).toBeGreaterThan(0);
    const { final } = await runJob({ ...job, resumeFrom: from.path }, (event, running) => event.kind === 'started' && running.stop());
    expect(final.kind).toBe('stopped');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('alone decides what %s to the engine means: it goes on', async (signal) => {
    const job = await trainJob(await testFolder(), 'run', { recipe: { max_steps: 5 } });
    const { final } = await runJob(job, (event, { pid }) => event.kind === 'started' && process.kill(pid!, signal));
    expect(final).toMatchObject({ kind: 'finished', result: { steps: 5 } });
  });

  it('says that an event is unreadable, and takes those that are not', async () => {
    const job = await trainJob(await testFolder(), 'run', { recipe: { max_steps: 3 } });
    const { events, end } = await runFaulty(job, 'babble');
    expect(end).toMatchObject({ kind: 'finished' });
    expect(stepValues(events)).toHaveLength(3);
    const warnings = events.filter((event) => event.kind === 'log' && event.message.startsWith('The engine sent something unreadable'));
    expect(warnings).toHaveLength(5);
  });

  it('that is slow gets every event, the last one included', async () => {
    const root = await testFolder();
    const dataset = join(root, 'long.jsonl');
    await writeFile(dataset, `${JSON.stringify({ text: 'The wind went round to the north. '.repeat(30) })}\n`.repeat(COUNT));
    const { rows, recipe, cacheDir } = await trainJob(root, 'run', { dataset });
    const job: PreviewJob = { kind: 'preview', device: 'cpu', threads: 1, cacheDir, recipe, rows, first: 0, count: COUNT };
    let slow = true;
    const { events, final } = await runJob(job, ({ kind }) => {
      if (kind !== 'preview' || !slow) return;
      slow = false;
      // Blocks this process, so that what the engine sends fills the pipe.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    });
    expect(final.kind).toBe('done');
    expect(events.filter(({ kind }) => kind === 'preview')).toHaveLength(COUNT);
  });
});

describe('the engine', () => {
  async function talk(messages: readonly unknown[], until: (event: EngineEvent) => boolean): Promise<readonly EngineEvent[]> {
    const child = fork(ENGINE, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const events: EngineEvent[] = [];
    const exited = once(child, 'exit');
    child.on('message', (message) => {
      const event = engineEventSchema.parse(message) as EngineEvent;
      events.push(event);
      if (event.kind === 'ready') for (const each of messages) child.send(each as object);
      if (until(event)) child.disconnect();
    });
    await exited;
    return events;
  }

  it('refuses malformed commands in words and still takes a good one', async () => {
    const { rows, recipe, cacheDir } = await trainJob(await testFolder(), 'run');
    const job: PreviewJob = { kind: 'preview', device: 'cpu', threads: 1, cacheDir, recipe, rows, first: 0, count: 1 };
    const bad = [
      'start',
      42,
      {},
      { kind: 'dance' },
      { kind: 'start', version: PROTOCOL_VERSION + 1, job },
      { kind: 'start', version: PROTOCOL_VERSION, job: { ...job, threads: -1 } },
      { kind: 'start', version: PROTOCOL_VERSION, job: { kind: 'train' } },
    ];
    const events = await talk([...bad, { kind: 'start', version: PROTOCOL_VERSION, job }], ({ kind }) => kind === 'done' || kind === 'failed');
    const refusals = events.flatMap((event) =>
      event.kind === 'log' && /^The engine refused a malformed command: ./.test(event.message) ? [event.message] : [],
    );
    expect(refusals).toHaveLength(bad.length);
    expect(refusals[5]).toContain('job.threads');
    expect(
      events
        .map(({ kind }) => kind)
        .filter((kind) => kind !== 'log')
        .slice(-3),
    ).toEqual(['preview', 'findings', 'done']);
  });

  // On a machine without a graphics card; with one, nothing is shown by it.
  it.each(['preview', 'count'] as const)('opens no device for a %s, which computes nothing', async (kind) => {
    const { rows, recipe, cacheDir } = await trainJob(await testFolder(), 'run');
    const job = { device: 'cuda', threads: 1, cacheDir, recipe, rows, ...(kind === 'preview' ? { kind, first: 0, count: 1 } : { kind }) } as const;
    expect((await runJob(job)).final).toEqual({ kind: 'done', seconds: expect.any(Number) as number });
  });

  it('ends when its host goes before there is a job', async () => {
    expect((await talk([], ({ kind }) => kind === 'ready')).map(({ kind }) => kind)).toEqual(['ready']);
  });

  it('refuses to resume with other settings or another model', async () => {
    const root = await testFolder();
    const job = await trainJob(root, 'run', { recipe: { max_steps: 2 } });
    await finishJob(job);
    const resumeFrom = join(job.outDir, 'checkpoint-2');
    const { final } = await runJob({ ...job, resumeFrom, recipe: { ...job.recipe, learning_rate: 1 } });
    expect(final).toMatchObject({ kind: 'failed', error: { code: 'RESUME-RECIPE', message: expect.stringContaining(resumeFrom) as string } });
  });
});
