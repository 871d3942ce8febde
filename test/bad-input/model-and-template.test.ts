/** Models, adapters and templates that lie, through a real job: it fails in words, naming file and place, and leaves nothing. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GenerateJob, TrainJob } from '../../src/main/engine/protocol.ts';
import { openSafetensors } from '../../src/main/engine/weights/safetensors.ts';
import { RUN_LOCKS } from '../../src/main/files/run-locks.ts';
import { runJob, trainJob } from '../support/engine-job.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
const TENSOR = 'model.layers.1.mlp.up_proj.weight';

async function editHeader(file: string, edit: (header: Header) => void): Promise<void> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Header;
  edit(header);
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  await writeFile(file, Buffer.concat([size, text, bytes.subarray(8 + length)]));
}

const lies: readonly (readonly [string, (file: string) => Promise<void>, RegExp])[] = [
  [
    'bytes beyond the end',
    (file) =>
      editHeader(file, (header) => {
        header[TENSOR]!.data_offsets[1] += 2 ** 40;
      }),
    new RegExp(TENSOR),
  ],
  [
    'a shape of other bytes',
    (file) =>
      editHeader(file, (header) => {
        header[TENSOR]!.shape = [1, 2];
      }),
    new RegExp(TENSOR),
  ],
  [
    'tensors that overlap',
    (file) =>
      editHeader(file, (header) => {
        header[TENSOR]!.data_offsets = [...header['model.layers.0.mlp.up_proj.weight']!.data_offsets];
      }),
    /mlp\.up_proj\.weight/,
  ],
  [
    'a size beyond all bounds',
    async (file) => {
      const bytes = await readFile(file);
      bytes.writeBigUInt64LE(2n ** 62n, 0);
      await writeFile(file, bytes);
    },
    /header/,
  ],
  ['half a file', async (file) => writeFile(file, (await readFile(file)).subarray(0, 100_000)), /model\./],
];

/** What a job left in its folder beside the lock, which stays. */
async function leftBy({ outDir }: TrainJob): Promise<readonly string[]> {
  return (await readdir(outDir)).filter((name) => name !== RUN_LOCKS.engine);
}

describe('a safetensors file with a lying header', () => {
  it.each(lies)('%s', async (_name, lie, place) => {
    const root = await testFolder();
    const model = join(root, 'model');
    await cp(parityFixture('models', 'llama-tied'), model, { recursive: true });
    const file = join(model, 'model.safetensors');
    await lie(file);
    const job = await trainJob(root, 'run', { recipe: { model } });
    const { final } = await runJob(job);
    expect(final).toMatchObject({
      kind: 'failed',
      error: { code: expect.stringMatching(/^WEIGHTS-/) as string, message: expect.stringContaining(file) as string },
    });
    expect(final).toMatchObject({ error: { message: expect.stringMatching(place) as string } });
    expect(await leftBy(job)).toEqual([]);
  });
});

it('a model of a kind we do not know', async () => {
  const root = await testFolder();
  const model = join(root, 'model');
  await cp(parityFixture('models', 'llama-tied'), model, { recursive: true });
  const file = join(model, 'config.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"model_type": "llama"', '"model_type": "rwkv"'));
  const { final } = await runJob(await trainJob(root, 'run', { recipe: { model } }));
  expect(final).toMatchObject({ kind: 'failed', error: { message: expect.stringContaining(file) as string } });
  expect(final).toMatchObject({ error: { message: expect.stringMatching(/rwkv.*llama|llama.*rwkv/s) as string } });
});

const LOOP = '{% for a in range(100000) %}{% for b in range(100000) %}{% set x = a * b %}{% endfor %}{% endfor %}';
const templates: readonly (readonly [string, string, string, RegExp])[] = [
  ['throws', "{{ raise_exception('Only pirates may speak') }}", 'E-ROLES', /[Rr]ow 1\b.*Only pirates may speak/s],
  ['loops', LOOP, 'E-TEMPLATE', /chat template of the recipe/],
  ['writes without end', "{% for a in range(100000) %}{{ 'x' * 100000 }}{% endfor %}", 'E-TEMPLATE', /chat template of the recipe/],
  ['is no template', '{% for m in messages %}{{ m.content }}', 'E-TEMPLATE', /chat template of the recipe/],
  ['reaches for the machine', "{{ messages.constructor.constructor('return process')() }}", 'E-ROLES', /[Rr]ow 1\b.*has no attribute 'constructor'/s],
];

describe('weights that are no numbers', () => {
  it('are named in training and in generation, with tensor and place', async () => {
    const root = await testFolder();
    const model = join(root, 'model');
    await cp(parityFixture('models', 'llama-tied'), model, { recursive: true });
    const file = join(model, 'model.safetensors');
    const { offset } = (await openSafetensors(file)).tensors.get(TENSOR)!;
    const bytes = await readFile(file);
    bytes.writeFloatLE(NaN, offset + 20);
    await writeFile(file, bytes);
    const named = {
      kind: 'failed',
      error: { code: 'E-NAN', message: expect.stringContaining(`tensor ${TENSOR} in ${file} holds NaN or infinity (value 5)`) as string },
    };
    const trained = await runJob(await trainJob(root, 'run', { dataset: 'messages.jsonl', recipe: { model } }));
    expect(trained.final).toMatchObject(named);
    const answered = await runJob({
      kind: 'generate',
      device: 'cpu',
      threads: 1,
      cacheDir: root,
      model,
      precision: 'f32',
      columns: [{ name: 'base', adapter: null }],
      prompts: [{ kind: 'text', text: 'Who?' }],
      chatTemplate: null,
      maxNewTokens: 4,
      seed: 1,
      sampling: { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
    });
    expect(answered.final).toMatchObject(named);
  });
});

describe('a chat template that', () => {
  it.each(templates)('%s', async (_name, template, code, message) => {
    const root = await testFolder();
    const job = await trainJob(root, 'run', { dataset: 'messages.jsonl', recipe: { chat_template: template } });
    const { final } = await runJob(job);
    expect(final).toMatchObject({ kind: 'failed', error: { code, message: expect.stringMatching(message) as string } });
    expect(await leftBy(job)).toEqual([]);
  });

  it('loops, in generation', async () => {
    const root = await testFolder();
    const job: GenerateJob = {
      kind: 'generate',
      device: 'cpu',
      threads: 1,
      cacheDir: root,
      model: parityFixture('models', 'llama-tied'),
      precision: 'f32',
      columns: [{ name: 'base', adapter: null }],
      prompts: [{ kind: 'question', text: 'Who?' }],
      chatTemplate: LOOP,
      maxNewTokens: 4,
      seed: 1,
      sampling: { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
    };
    expect((await runJob(job)).final).toMatchObject({ kind: 'failed', error: { code: 'E-TEMPLATE' } });
    const empty = await runJob({ ...job, chatTemplate: null, prompts: [{ kind: 'text', text: '' }] });
    expect(empty.final).toMatchObject({ kind: 'failed', error: { code: 'PROMPT-EMPTY', message: expect.stringContaining('Prompt 1') as string } });
  });
});
