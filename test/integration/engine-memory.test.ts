/** An engine that takes ever more memory is ended before the machine has none, and who asked is told what needed it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parityFixture } from '../support/fixture.ts';
import { runCli } from '../support/run-cli.ts';
import { testFolder } from '../support/test-folder.ts';

const MODEL = parityFixture('models', 'llama-tied');
const ROWS = parityFixture('datasets', 'prompt-completion.jsonl');
const TIMEOUT = 120_000;
let folder: string;

beforeEach(async () => {
  folder = await testFolder();
  vi.stubEnv('NODE_OPTIONS', `--import=${new URL('../support/engine-fault.ts', import.meta.url).href}`);
  vi.stubEnv('TUNESMITH_ENGINE_MEMORY', '700');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function bomb(kind: string): void {
  vi.stubEnv('ENGINE_FAULT', `bomb ${kind} ${join(folder, 'engine.pid')}`);
}

it(
  'a tokenizer is named by its file',
  async () => {
    bomb('preview');
    const { code, stderr, events } = await runCli('preview', '--model', MODEL, '--dataset', ROWS, '--data', join(folder, 'data'), '--json');
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(MODEL, 'tokenizer.json')}: turning rows into tokens with this tokenizer needed more than 0.7 GiB of memory`);
    expect(stderr).not.toMatch(/last word|had printed|Resume/);
    expect(events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'ENGINE-MEMORY', data: { doing: 'encoding', model: MODEL } } });
  },
  TIMEOUT,
);

it(
  'a run fails with the reason, and can be resumed',
  async () => {
    bomb('metrics');
    const out = join(folder, 'run');
    const { code, stderr } = await runCli(
      'train',
      '--model',
      MODEL,
      '--dataset',
      ROWS,
      '--out',
      out,
      '--set',
      'max_steps=5',
      '--device',
      'cpu',
      '--data',
      join(folder, 'data'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`Training ${MODEL} needed more than 0.7 GiB of memory`);
    expect(JSON.parse(await readFile(join(out, 'status.json'), 'utf8'))).toMatchObject({
      status: { kind: 'failed', error: { code: 'ENGINE-MEMORY' } },
    });
    vi.stubEnv('ENGINE_FAULT', '');
    expect((await runCli('resume', '--out', out, '--data', join(folder, 'data'))).code).toBe(0);
  },
  TIMEOUT,
);
