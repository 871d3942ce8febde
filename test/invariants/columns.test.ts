/** Answers side by side are the answers given alone: no column sees another. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NO_RESTRICTION } from '../../src/main/engine/adapters/module-selection.ts';
import { writePeftAdapter, type LoraPair } from '../../src/main/engine/adapters/peft-adapter.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import type { GenerateJob } from '../../src/main/engine/protocol.ts';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { finishJob } from '../support/engine-job.ts';
import { parityFixture } from '../support/fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';

const GREEDY = { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const SAMPLED = { doSample: true, temperature: 0.9, topK: 40, topP: 0.95, minP: 0.01, repetitionPenalty: 1.2 };
const PROMPTS: GenerateJob['prompts'] = [
  { kind: 'text', text: 'Dear sister' },
  {
    kind: 'messages',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why does the tide turn twice a day?' },
    ],
  },
];

/** An adapter of another rank on other layers than those that training made. */
async function otherAdapter(model: string, folder: string): Promise<void> {
  const {
    model: { linears: all },
  } = await openModel(model);
  const draw = seededRandom(7);
  const random = (length: number) => Float32Array.from({ length }, () => draw() - 0.5);
  const linears = all.filter(({ path }) => /q_proj|up_proj/.test(path));
  const tensors = new Map(
    linears.map(({ path, in: width, out }): [string, LoraPair] => [path, { rank: 3, alpha: 6, a: random(3 * width), b: random(out * 3) }]),
  );
  const settings = {
    r: 3,
    loraAlpha: 6,
    loraDropout: 0,
    useRslora: true,
    targetModules: ['q_proj', 'up_proj'],
    ...NO_RESTRICTION,
    rankPattern: {},
    alphaPattern: {},
    baseModelNameOrPath: null,
  };
  await writePeftAdapter(folder, { config: settings, tensors });
}

interface Answer {
  readonly text: string;
  readonly tokens: number;
  readonly finished: string | null;
}

/** [prompt][column] */
async function answers(job: GenerateJob): Promise<Answer[][]> {
  const { events } = await finishJob(job);
  const table = job.prompts.map(() => job.columns.map((): Answer => ({ text: '', tokens: 0, finished: null })));
  for (const event of events) {
    if (event.kind !== 'text') continue;
    const { prompt, column, text, tokens, finished } = event;
    table[prompt]![column] = { text: table[prompt]![column]!.text + text, tokens, finished };
  }
  return table;
}

describe.each(['llama-tied-prompt-completion', 'qwen2-tied-messages'])('%s', (name) => {
  const root = tempFolder();
  const model = parityFixture('models', name.split('-').slice(0, 2).join('-'));
  const columns = [
    { name: 'base', adapter: null },
    { name: 'trained', adapter: parityFixture('training', name, 'final-adapter') },
    { name: 'other', adapter: join(root, 'other') },
    { name: 'base again', adapter: null },
  ];
  const job = (more: Partial<GenerateJob>): GenerateJob => ({
    kind: 'generate',
    device: 'cpu',
    threads: 1,
    cacheDir: join(root, 'cache'),
    model,
    precision: 'f32',
    columns,
    prompts: PROMPTS,
    chatTemplate: null,
    maxNewTokens: 24,
    sampling: GREEDY,
    seed: 11,
    ...more,
  });

  beforeAll(() => otherAdapter(model, join(root, 'other')));

  it.each([
    ['greedy', GREEDY],
    ['sampled', SAMPLED],
  ])('%s: each column is what it is alone', async (_name, sampling) => {
    const together = await answers(job({ sampling }));
    for (const [column, each] of columns.slice(0, 3).entries()) {
      const alone = await answers(job({ sampling, columns: [each] }));
      expect(
        together.map((row) => row[column]),
        each.name,
      ).toEqual(alone.map((row) => row[0]));
    }
    // Equal columns draw from equal streams; different ones differ, or the comparison above would show nothing.
    for (const row of together) {
      expect(row[3]).toEqual(row[0]);
      expect(new Set(row.map(({ text }) => text)).size).toBe(3);
    }
  });

  it('sampled: the seed decides', async () => {
    const one = (seed: number) => answers(job({ sampling: SAMPLED, columns: columns.slice(0, 2), seed }));
    const first = await one(1);
    expect(await one(1)).toEqual(first);
    expect(await one(2)).not.toEqual(first);
  });
});
