/** Evaluation against TRL and transformers: what it comes to, which checkpoint is the best, when a run ends early, which rows are held out. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitRows, type EncodedRows } from '../../src/main/engine/data/split.ts';
import { BestModel } from '../../src/main/engine/train/best-model.ts';
import { heldOut, recipeSchema } from '../../src/shared/domain/recipe/recipe.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

const CLI = join(import.meta.dirname, '../../src/main/cli/index.ts');
const json = <T>(...name: readonly [string, ...string[]]) => JSON.parse(readFileSync(parityFixture(...name), 'utf8')) as T;

type Line = Readonly<Record<string, number>> & { readonly step: number };

function run(folder: string, recipe: string, settings: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  const sets = settings.flatMap((each) => ['--set', each]);
  const args = [CLI, 'train', '--recipe', recipe, ...sets, '--out', join(folder, 'run'), '--data', join(folder, 'data'), '--device', 'cpu', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, stderr + stdout).toBe(0);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const relative = (got: unknown, want: number) => Math.abs((got as number) - want) / Math.abs(want);

describe('a set of its own, every five steps', () => {
  const NAME = 'qwen2-tied-messages';
  const EVAL = [
    `eval_dataset=${parityFixture('datasets', 'messages-eval.jsonl')}`,
    'eval_strategy=steps',
    'eval_steps=5',
    'per_device_eval_batch_size=3',
  ];

  it('comes to what TRL logs, and changes nothing that is trained', async () => {
    const folder = await testFolder();
    const events = run(folder, parityFixture('training', NAME, 'recipe.json'), EVAL);
    const { steps, evaluations } = json<{ steps: readonly Line[]; evaluations: readonly Line[] }>('training', NAME, 'steps.json');
    const got = events.filter(({ kind }) => kind === 'step');
    expect(got.map(({ loss }) => loss).every((loss, i) => relative(loss, steps[i]!['loss']!) < 1e-5)).toBe(true);
    const evaluated = got.filter((step) => 'eval_loss' in step);
    expect(evaluated.map(({ step }) => step)).toEqual(evaluations.map(({ step }) => step));
    evaluations.forEach((want, i) => {
      expect(relative(evaluated[i]!['eval_loss'], want['eval_loss']!), `loss after step ${want.step}`).toBeLessThan(1e-5);
      expect(evaluated[i]!['eval_mean_token_accuracy']).toBeCloseTo(want['eval_mean_token_accuracy']!, 6);
    });
    expect(events.find(({ kind }) => kind === 'dataset')).toMatchObject({ evaluated: { rows: 8, heldOut: false } });
  });
});

it.each(['every-5', 'epochs'])('logs, evaluates and measures when and what TRL does: %s', async (name) => {
  const got = run(await testFolder(), parityFixture('evaluation', name, 'recipe.json'), []).filter(({ kind }) => kind === 'step');
  const want = json<readonly Line[]>('evaluation', name, 'log.json');
  // A line and an evaluation of one step are two lines there. Ours ends with a line of what is left; TRL's is lost.
  const merged = new Map<number, Readonly<Record<string, number>>>();
  for (const { step, ...values } of want) merged.set(step, { ...merged.get(step), ...values });
  expect(got.map(({ step }) => step)).toEqual([...merged.keys()].sort((x, y) => x - y));
  for (const [step, values] of merged) {
    const ours = got.find((each) => each['step'] === step)!;
    for (const [key, value] of Object.entries(values))
      if (key !== 'epoch')
        expect(Math.abs((ours[key] as number) - value), `${key} of step ${step}`).toBeLessThan(5e-5 * Math.max(1e-3, Math.abs(value)) + 1e-7);
  }
});

describe('rows held out', () => {
  it('end the run early, and its best checkpoint is what it yields', async () => {
    const folder = await testFolder();
    const recipe = parityFixture('training', 'llama-tied-prompt-completion', 'recipe.json');
    // A rate at which the loss over the rows held out soon rises.
    const events = run(folder, recipe, [
      'val_size=0.2',
      'eval_strategy=steps',
      'eval_steps=1',
      'learning_rate=0.3',
      'load_best_model_at_end=true',
      'early_stopping_patience=2',
      'save_total_limit=1',
      'logging_steps=3',
    ]);
    const losses = events.filter((step) => 'eval_loss' in step).map(({ step, eval_loss: loss }) => [step as number, loss as number] as const);
    const [best] = losses.toSorted((a, b) => a[1] - b[1])[0]!;
    const last = losses.at(-1)![0];
    expect(last).toBe(best + 2);
    expect(events.find(({ kind }) => kind === 'finished')).toMatchObject({ result: { steps: last } });
    const data = events.find(({ kind }) => kind === 'dataset') as unknown as { rows: number; evaluated: unknown };
    expect(data.evaluated).toEqual({ rows: Math.ceil(data.rows * 0.2), heldOut: true });
    const kept = (await readdir(join(folder, 'run'))).filter((name) => name.startsWith('checkpoint-')).sort();
    expect(kept).toEqual([`checkpoint-${best}`, `checkpoint-${last}`].sort());
    const weights = (of: string) => readFile(join(folder, 'run', of, 'adapter_model.safetensors'));
    expect(await weights('adapter')).toEqual(await weights(`checkpoint-${best}`));
    expect(await weights('adapter')).not.toEqual(await weights(`checkpoint-${last}`));
    // A log of every third step: its lines, those of evaluations, and the last.
    expect(events.filter((step) => step['kind'] === 'step' && 'loss' in step).map(({ step }) => step)).toEqual(
      losses.map(([step]) => step).filter((step) => step % 3 === 0 || step === last),
    );
  });

  it("are those of torch's random_split", () => {
    for (const { rows, held, seed, train, test } of json<readonly { rows: number; held: number; seed: number; train: number[]; test: number[] }[]>(
      'evaluation',
      'splits.json',
    )) {
      const all: EncodedRows = { rows, length: (row) => row, targets: () => 1, read: async () => Promise.reject(new Error('not read')) };
      const split = splitRows(all, held, seed);
      const numbers = (part: EncodedRows) => Array.from({ length: part.rows }, (_, i) => part.length(i));
      expect([numbers(split.train), numbers(split.held)]).toEqual([train, test]);
    }
    // datasets rounds a share up.
    const held = (size: number, rows: number) => heldOut({ eval_strategy: 'steps', eval_dataset: null, val_size: size }, rows);
    expect([held(0.11, 10), held(3, 10), held(0.1, 31)]).toEqual([2, 3, 4]);
    expect([
      heldOut({ eval_strategy: 'no', eval_dataset: null, val_size: 0.5 }, 10),
      heldOut({ eval_strategy: 'epoch', eval_dataset: 'f', val_size: 0.5 }, 10),
    ]).toEqual([0, 0]);
  });
});

type Decision = readonly [value: number, isBest: boolean, best: number, bestStep: number, counter: number, stops: boolean];

it('decides as EarlyStoppingCallback and Trainer do, and goes on deciding so after a checkpoint', () => {
  const cases = json<readonly { name: string; rule: Readonly<Record<string, unknown>>; decisions: readonly Decision[] }[]>(
    'evaluation',
    'decisions.json',
  );
  expect(cases.some(({ decisions }) => decisions.at(-1)![5])).toBe(true);
  for (const { name, rule, decisions } of cases) {
    const recipe = recipeSchema.parse({ model: 'm', dataset: { file: 'f' }, eval_strategy: 'steps', load_best_model_at_end: true, ...rule });
    let best = new BestModel(recipe, null);
    decisions.forEach(([value, ...want], i) => {
      const { isBest, endsRun } = best.evaluated(i + 1, { [best.name!]: value });
      const { best_metric: metric, best_global_step: step, early_stopping_patience_counter: counter } = best.state;
      expect([isBest, metric, step, counter, endsRun], `${name} ${JSON.stringify(rule)} at ${i + 1}`).toEqual(want);
      best = new BestModel(recipe, JSON.parse(JSON.stringify(best.state)) as typeof best.state);
      expect(best.isOver).toBe(endsRun);
    });
  }
});
