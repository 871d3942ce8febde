import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, killTree, runCli, startCli, type CliResult } from '../support/run-cli.ts';
import { parityFixture } from '../support/fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = tempFolder();
const DATA = join(folder, 'data');
const RECIPE = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');
/** Dropout on, so that a resumed run has to take up the random numbers where they were. */
const TRAIN = ['train', '--recipe', RECIPE, '--set', 'lora.lora_dropout=0.1', '--set', 'save_steps=4', '--device', 'cpu', '--data', DATA, '--json'];
const WEIGHTS = join('adapter', 'adapter_model.safetensors');

/** What a step says of the training itself, without the clock. */
function metrics({ events }: CliResult): readonly unknown[] {
  return events.filter(({ kind }) => kind === 'step').map(({ seconds: _seconds, elapsed_seconds: _elapsed, ...rest }) => rest);
}

describe('an uninterrupted run', () => {
  const out = join(folder, 'whole');
  let whole: CliResult;
  beforeAll(async () => {
    whole = await runCli(...TRAIN, '--out', out);
  }, 120_000);

  it('writes an event a step, with every number, and the folder of the run', async () => {
    expect(whole.stderr).toBe('');
    expect(whole.code).toBe(0);
    const steps = eventsOf(whole, 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    for (const step of steps) {
      for (const name of ['loss', 'grad_norm', 'learning_rate', 'num_tokens', 'target_tokens', 'seconds', 'elapsed_seconds', 'epoch'])
        expect(step[name]).toEqual(expect.any(Number));
    }
    expect(eventsOf(whole, 'finished')).toHaveLength(1);
    expect(JSON.parse(await readFile(join(out, 'status.json'), 'utf8'))).toMatchObject({ status: { kind: 'completed', steps: 20 }, device: 'cpu' });
    const logged = (await readFile(join(out, 'events.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string });
    expect(logged.filter(({ kind }) => kind === 'step')).toHaveLength(20);
    const recipe = JSON.parse(await readFile(join(out, 'recipe.json'), 'utf8')) as Record<string, unknown>;
    expect(recipe).toMatchObject({ model: parityFixture('models', 'llama-tied'), save_steps: 4, weight_decay: 0 });
  });

  it('refuses to overwrite it, and says that there is nothing to resume', async () => {
    const again = await runCli(...TRAIN, '--out', out);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/already holds a run/);
    expect(again.events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'RUN-EXISTS' } });
    const resumed = await runCli('resume', '--out', out, '--data', DATA);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).toMatch(/has finished: 20 steps/);
  });

  it('gives the same adapter, bit for bit, when everything was killed on the way and resumed', async () => {
    const cut = join(folder, 'cut');
    const running = startCli([...TRAIN, '--out', cut], ({ kind, step }) => {
      if (kind === 'step' && step === 10) killTree(running);
    });
    const killed = await running.ended;
    expect(killed.code).toBeNull();
    // The run had not finished, or this test would show nothing.
    expect(eventsOf(killed, 'finished')).toHaveLength(0);
    const resumed = await runCli('resume', '--out', cut, '--data', DATA, '--json');
    expect(resumed.code).toBe(0);
    const from = resumed.events.find(({ kind }) => kind === 'run')!['resumedFrom'] as number;
    expect(from % 4).toBe(0);
    expect(from).toBeGreaterThan(0);
    expect(resumed.events.find(({ kind }) => kind === 'log')!['message']).toMatch(
      /was interrupted at step \d+; it goes on from the checkpoint of step \d+/,
    );
    expect(metrics(resumed)).toEqual(metrics(whole).slice(from));
    expect(await readFile(join(cut, WEIGHTS))).toEqual(await readFile(join(out, WEIGHTS)));
  });

  it.each([
    ['Ctrl-C', ['SIGINT']],
    ['a service that is stopped', ['SIGTERM']],
    // The kernel and the shell both tell of it, and a logout adds its own.
    ['a closed terminal and a logout', ['SIGHUP', 'SIGHUP', 'SIGTERM']],
  ] as const)('stops at %s with a checkpoint, and resumes to the same end', async (name, signals) => {
    const stopped = join(folder, `stopped by ${name}`);
    // A process group gets the signal as a whole: the engine must leave it to its host.
    const running = startCli([...TRAIN, '--out', stopped], ({ kind, step }) => {
      if (kind === 'step' && step === 2) for (const signal of signals) process.kill(-running.child.pid!, signal);
    });
    const { code, events, stderr } = await running.ended;
    expect({ code, last: events.findLast(({ kind }) => kind !== 'memory') }).toMatchObject({ code: 130, last: { kind: 'stopped' } });
    expect(stderr).toMatch(/with a checkpoint/);
    const { step } = events.find(({ kind }) => kind === 'stopped') as unknown as { step: number };
    const resumed = await runCli('resume', '--out', stopped, '--data', DATA, '--json');
    expect(metrics(resumed)).toEqual(metrics(whole).slice(step));
    expect(await readFile(join(stopped, WEIGHTS))).toEqual(await readFile(join(out, WEIGHTS)));
  });

  it('stops with a checkpoint when nobody reads any more what it prints', async () => {
    const stopped = join(folder, 'unread');
    const running = startCli([...TRAIN, '--out', stopped], ({ kind, step }) => {
      if (kind === 'step' && step === 2) for (const stream of [running.child.stdout, running.child.stderr]) stream!.destroy();
    });
    expect((await running.ended).code).toBe(130);
    expect(JSON.parse(await readFile(join(stopped, 'status.json'), 'utf8'))).toMatchObject({
      status: { kind: 'stopped', resumeFrom: expect.any(Number) as number },
    });
  });

  it('exports the final adapter and a checkpoint, and names the steps there are', async () => {
    const exported = join(folder, 'exported');
    expect(await runCli('export', '--run', out, '--out', exported)).toMatchObject({ code: 0 });
    expect(await readFile(join(exported, 'adapter_model.safetensors'))).toEqual(await readFile(join(out, WEIGHTS)));
    expect(await runCli('export', '--run', out, '--checkpoint', '12', '--out', join(folder, 'step-12'))).toMatchObject({ code: 0 });
    const inside = await runCli('export', '--run', out, '--out', out);
    expect(inside.code).toBe(1);
    expect(inside.stderr).toContain('is inside the run');
    const wrong = await runCli('export', '--run', out, '--checkpoint', '3', '--out', exported);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/no checkpoint of step 3[\s\S]*12, 16, 20/) });
  });

  it('answers by base and adapter side by side', async () => {
    const result = await runCli(
      'generate',
      '--model',
      parityFixture('models', 'llama-tied'),
      '--base',
      '--adapter',
      `tuned=${join(out, 'adapter')}`,
      '--prompt',
      'Where is the slate violin?',
      '--max-new-tokens',
      '12',
      '--device',
      'cpu',
      '--data',
      DATA,
      '--json',
    );
    expect(result.code).toBe(0);
    const answers = eventsOf(result, 'answer');
    expect(answers.map(({ name }) => name).sort()).toEqual(['base', 'tuned']);
    expect(answers[0]!['text']).not.toBe(answers[1]!['text']);
  });
});

describe('a run that cannot start', () => {
  it.each([
    ['a broken recipe', '{"model": ', 'RECIPE-FILE'],
    ['wrong fields', '{"model": "m", "dataset": {"file": "d.jsonl"}, "learning_rat": 1}', 'RECIPE'],
    ['no such dataset', `{"model": ${JSON.stringify(parityFixture('models', 'llama-tied'))}, "dataset": {"file": "nowhere.jsonl"}}`, 'E-FILE'],
    [
      'no such model',
      `{"model": "nowhere", "dataset": {"file": ${JSON.stringify(parityFixture('datasets', 'text.jsonl'))}}}`,
      expect.any(String) as string,
    ],
  ])('%s: a failed line, words on stderr, code 1', async (_name, text, code) => {
    const recipe = join(folder, 'recipe.json');
    await writeFile(recipe, text);
    const result = await runCli('train', '--recipe', recipe, '--out', join(folder, 'never'), '--device', 'reference', '--data', DATA, '--json');
    expect(result.code).toBe(1);
    expect(result.events.at(-1)).toMatchObject({ kind: 'failed', error: { code, message: expect.any(String) } });
    expect(result.stderr).not.toMatch(/\n\s+at /);
    expect(result.stderr.trim()).not.toBe('');
  });

  it('leaves a folder that the next attempt may use', async () => {
    const out = join(folder, 'second-try');
    const model = parityFixture('models', 'llama-tied');
    const bad = join(folder, 'bad.jsonl');
    await writeFile(bad, 'not json\n');
    const args = (file: string) => [
      'train',
      '--model',
      model,
      '--dataset',
      file,
      '--out',
      out,
      '--set',
      'max_steps=1',
      '--device',
      'cpu',
      '--data',
      DATA,
      '--json',
    ];
    expect(await runCli(...args(bad))).toMatchObject({ code: 1, stderr: expect.stringMatching(/bad\.jsonl/) });
    expect(await runCli(...args(parityFixture('datasets', 'text.jsonl')))).toMatchObject({ code: 0 });
  });

  it('says in words why a GPU cannot be used, and falls back only when asked to choose', async () => {
    const { events } = await runCli('devices', '--data', DATA, '--json');
    expect(events.map(({ device }) => device)).toEqual(['cuda', 'cpu']);
    if (events[0]!['available'] === true) return;
    const named = await runCli('train', '--recipe', RECIPE, '--out', join(folder, 'gpu'), '--device', 'cuda', '--data', DATA, '--json');
    expect(named.code).toBe(1);
    expect(named.events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'NO-GPU', remedy: expect.stringMatching(/cpu/i) } });
    const auto = await runCli('train', '--recipe', RECIPE, '--set', 'max_steps=4', '--out', join(folder, 'auto'), '--data', DATA, '--json');
    expect(auto.code).toBe(0);
    expect(eventsOf(auto, 'log').map(({ message }) => message)).toContainEqual(expect.stringMatching(/Using the CPU, since no GPU can be used: /));
  });
});

describe('a resumed run', () => {
  it('refuses a dataset that has changed since', async () => {
    const [out, data, file] = [join(folder, 'changed'), join(folder, 'other-data'), join(folder, 'rows.jsonl')];
    await cp(parityFixture('datasets', 'text.jsonl'), file);
    const running = startCli(
      [
        'train',
        '--model',
        parityFixture('models', 'llama-tied'),
        '--dataset',
        file,
        '--set',
        'save_steps=1',
        '--set',
        'max_steps=400',
        '--out',
        out,
        '--device',
        'cpu',
        '--data',
        data,
        '--json',
      ],
      ({ kind, step }) => {
        if (kind === 'step' && step === 2) killTree(running);
      },
    );
    await running.ended;
    await rm(data, { recursive: true });
    await mkdir(data);
    await writeFile(file, '{"text": "something else"}\n');
    expect(await runCli('resume', '--out', out, '--data', data)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/rows\.jsonl is not the dataset any more/),
    });
  });

  it('is found only in the folder of a run', async () => {
    expect(await runCli('resume', '--out', folder, '--data', DATA)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is not the folder of a run/),
    });
  });
});
