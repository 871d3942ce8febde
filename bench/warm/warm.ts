/**
 * @file What a person waits for in the inspector and in Compare, through the services that the page calls, on a studio of its own:
 * `npm run bench -- warm [--model FOLDER] [--rounds 5] [--columns 2] [--tokens 64]`. The starter is always measured; `--model` adds another,
 * asked without an adapter. A setting is changed, the rows on the screen and the counts are waited for; a question is asked cold, then warm.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolder } from '../../src/main/app/paths.ts';
import { openStudio } from '../../src/main/studio.ts';
import type { Services } from '../../src/main/services/services.ts';
import { generateRequestSchema } from '../../src/shared/domain/generation.ts';
import { recipeSettingsSchema } from '../../src/shared/domain/recipe/recipe.ts';

interface Figure {
  readonly model: string;
  readonly what: string;
  readonly value: string;
}

/** Rows that the page asks for at once. */
const WINDOW = 20;

export async function warm(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      columns: { type: 'string', default: '2' },
      tokens: { type: 'string', default: '64' },
    },
  });
  const root = await mkdtemp(join(tmpdir(), 'tunesmith-bench-warm-'));
  const studio = openStudio(dataFolder(root), 'browser');
  try {
    const { services } = studio;
    const starter = await services.starter.open();
    const models = [starter.model, ...(values.model === undefined ? [] : [await services.models.open(values.model)])];
    const figures: Figure[] = [];
    for (const model of models) {
      const subject = { services, modelId: model.id, datasetId: starter.dataset.id };
      const rounds = Number(values.rounds);
      const measured = [...(await inspect(subject, rounds)), ...(await compare(subject, rounds, Number(values.columns), Number(values.tokens)))];
      figures.push(...measured.map(([what, value]) => ({ model: model.name, what, value })));
    }
    console.log(
      `load average ${loadavg()
        .map((load) => load.toFixed(1))
        .join(' ')}`,
    );
    console.table(figures);
  } finally {
    await studio.close();
    await rm(root, { recursive: true, force: true });
  }
}

interface Subject {
  readonly services: Services;
  readonly modelId: string;
  readonly datasetId: string;
}

type Named = readonly [what: string, value: string];

async function inspect({ services, modelId, datasetId }: Subject, rounds: number): Promise<readonly Named[]> {
  const never = new AbortController().signal;
  const change = async (maxLength: number) => {
    const subject = { modelId, datasetId, settings: recipeSettingsSchema.parse({ max_length: maxLength }) };
    const started = performance.now();
    const counted = drain(services.inspector.count(subject, never)).then(() => performance.now() - started);
    await drain(services.inspector.rows(subject, 0, WINDOW, never));
    return [performance.now() - started, await counted] as const;
  };
  const [cold] = await change(100);
  const rows: number[] = [];
  const counts: number[] = [];
  const before = processorTime(services);
  for (let round = 0; round < rounds; round++) {
    const [shown, counted] = await change(40 + round);
    rows.push(shown);
    counts.push(counted);
  }
  const busy = (processorTime(services) - before) / rounds;
  return [
    ['inspector, first rows of a fresh engine', ms(cold)],
    ['inspector, rows after a change (median)', ms(median(rows))],
    ['inspector, rows after a change (worst)', ms(Math.max(...rows))],
    ['inspector, whole dataset counted (median)', ms(median(counts))],
    ['inspector, processor time of a change with its counting', ms(busy)],
  ];
}

async function compare({ services, modelId }: Subject, rounds: number, columns: number, tokens: number): Promise<readonly Named[]> {
  const never = new AbortController().signal;
  const ask = async (prompt: string) => {
    const request = generateRequestSchema.parse({
      modelId,
      columns: Array.from({ length: columns }, () => ({ kind: 'base' })),
      prompt,
      maxNewTokens: tokens,
    });
    const started = performance.now();
    let first: number | null = null;
    let produced = 0;
    for await (const update of services.comparisons.generate(request, never)) {
      if (update.kind !== 'text') continue;
      first ??= performance.now();
      if (update.column === 0) produced = update.tokens;
    }
    const ended = performance.now();
    return { first: (first ?? ended) - started, rate: produced < 2 ? null : ((produced - 1) * 1000) / (ended - (first ?? ended)) };
  };
  const cold = await ask('What is a violin?');
  const started = performance.now();
  await services.comparisons.warm(
    modelId,
    Array.from({ length: columns }, () => ({ kind: 'base' as const })),
  );
  const ready = performance.now() - started;
  const answers = [];
  for (let round = 0; round < rounds; round++)
    answers.push(await ask(['What is a violin?', 'Why is the sky blue in the day and black at night?', 'Name three rivers.'][round % 3]!));
  const rates = answers.flatMap(({ rate }) => (rate === null ? [] : [rate]));
  return [
    [`Compare, ${columns} columns, first token with nothing loaded`, ms(cold.first)],
    ['Compare, made ready (programs; the weights were there)', ms(ready)],
    ['Compare, first token warm (median)', ms(median(answers.map(({ first }) => first)))],
    ['Compare, first token warm (worst)', ms(Math.max(...answers.map(({ first }) => first)))],
    ['Compare, tokens/s a column (median)', rates.length === 0 ? 'ended at once' : median(rates).toFixed(1)],
  ];
}

/** Milliseconds of processor time of this process and its engines so far, which other work on the machine does not lengthen much; Linux alone. */
function processorTime({ engines }: Services): number {
  const { user, system } = process.cpuUsage();
  const ticks =
    process.platform !== 'linux'
      ? []
      : engines.list().map(({ pid }) => {
          const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
          return Number(fields[11]) + Number(fields[12]);
        });
  // A tick is a hundredth of a second on every Linux that Node runs on.
  return (user + system) / 1000 + ticks.reduce((sum, each) => sum + each * 10, 0);
}

async function drain(updates: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of updates) continue;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
