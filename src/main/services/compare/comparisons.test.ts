import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { generateRequestSchema, type GenerateRequest, type GenerateUpdate } from '../../../shared/domain/generation.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import { recipeSchema } from '../../../shared/domain/recipe/recipe.ts';
import type { RunDetail } from '../../../shared/domain/run-record.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { ResidentEngines } from '../../engine-host/resident-engines.ts';
import { Registry } from '../../registry/registry.ts';
import { Comparisons } from './comparisons.ts';
import { MachineFacts } from '../machine/machine-facts.ts';
import { SettingsStore } from '../studio/settings-store.ts';

const MODEL = parityFixture('models', 'llama-tied');
const ADAPTER = parityFixture('training', 'llama-tied-prompt-completion', 'final-adapter');

function model(id: string, path: string): ModelRecord {
  return { id, name: id, path, source: 'folder', addedAt: '', state: { kind: 'usable', facts: { chatTemplate: 'has one' } as never } };
}

function run(id: string, of: ModelRecord, chatTemplate: string | null = null): RunDetail {
  const recipe = recipeSchema.parse({ model: of.path, dataset: { file: 'x' }, chat_template: chatTemplate });
  return {
    id,
    name: id,
    model: { id: of.id, name: of.name, path: of.path },
    recipe,
    step: 12,
    checkpoints: [6, 12],
    hasOutcome: true,
    yields: 'adapter',
  } as unknown as RunDetail;
}

const tiny = model('tiny', MODEL);
const other = model('other', parityFixture('models', 'qwen2-tied'));
const RUNS = new Map([run('tuned', tiny), run('templated', tiny, '{{ messages[0].content }}'), run('foreign', other)].map((each) => [each.id, each]));

/** Models and runs as their libraries would give them; engine, registry and settings are real. */
async function comparisons(): Promise<Comparisons> {
  const root = await testFolder();
  const data = { root, datasets: join(root, 'datasets'), runs: join(root, 'runs'), cache: join(root, 'cache') };
  const context = { data, registry: Registry.open(join(root, 'registry.sqlite')), resources: '', host: 'browser', version: '0' } as const;
  const machine = new MachineFacts(context, async () => [{ device: 'cpu', available: true, description: 'CPU', computeDTypes: ['f32'] }]);
  const settings = new SettingsStore(context);
  settings.update({ threads: 1 });
  const engines = new ResidentEngines();
  onTestFinished(() => engines.close());
  return new Comparisons(
    context,
    machine,
    settings,
    {
      get: (id) => (id === 'other' ? other : tiny),
    },
    {
      get: (id) => RUNS.get(id)!,
      outcome: async () => ({ kind: 'adapter', folder: ADAPTER }),
    },
    engines,
  );
}

const tuned = { kind: 'run', runId: 'tuned', checkpoint: null } as const;
const base = { kind: 'base' } as const;

function request(more: Partial<GenerateRequest>): GenerateRequest {
  return generateRequestSchema.parse({ modelId: 'tiny', columns: [base, tuned], prompt: 'Dear sister', maxNewTokens: 24, ...more });
}

async function collect(updates: AsyncIterable<GenerateUpdate>): Promise<GenerateUpdate[]> {
  const all: GenerateUpdate[] = [];
  for await (const update of updates) all.push(update);
  return all;
}

describe('Comparisons', () => {
  let service: Comparisons;
  beforeEach(async () => {
    service = await comparisons();
  });

  it('streams what it keeps: the pieces of each column are its answer, and the history has the same', async () => {
    const updates = await collect(service.generate(request({ columns: [base, tuned, base] }), new AbortController().signal));
    const done = updates.at(-1)!;
    expect(done.kind).toBe('done');
    if (done.kind !== 'done') return;
    const { answers } = done.generation;
    for (const [column, answer] of answers.entries()) {
      const pieces = updates.flatMap((update) => (update.kind === 'text' && update.column === column ? [update] : []));
      expect(pieces.map(({ text }) => text).join('')).toBe(answer.text);
      expect(pieces.at(-1)).toMatchObject({ tokens: answer.tokens, finished: answer.finished });
    }
    expect(answers.map(({ title }) => title)).toEqual(['tiny', 'tuned · step 12', 'tiny']);
    // Equal columns from one seed: a column that saw another's adapter would differ.
    expect(answers[2]!.text).toBe(answers[0]!.text);
    expect(answers[1]!.text).not.toBe(answers[0]!.text);
    expect(service.history(10)).toEqual([{ ...done.generation, modelId: null }]);
    service.forget(done.generation.id);
    expect(service.history(10)).toEqual([]);
  });

  it('keeps what was said when it is broken off, marked as unfinished, and ends its engine', async () => {
    const stop = new AbortController();
    let said = '';
    for await (const update of service.generate(request({ maxNewTokens: 400, columns: [base] }), stop.signal)) {
      if (update.kind !== 'text') continue;
      said += update.text;
      stop.abort();
      expect(service.history(1), 'kept by the time the abort returns').toHaveLength(1);
      break;
    }
    const [kept] = service.history(10);
    expect(service.history(10)).toHaveLength(1);
    expect(kept!.answers[0]!.finished).toBeNull();
    expect(kept!.answers[0]!.text.startsWith(said)).toBe(true);
    expect(kept!.answers[0]!.tokens).toBeLessThan(400);
  });

  it('refuses a run of another model before anything is loaded, naming both', async () => {
    const failing = collect(service.generate(request({ columns: [base, { ...tuned, runId: 'foreign' }] }), new AbortController().signal));
    await expect(failing).rejects.toMatchObject({ code: 'COLUMN-MODEL', message: expect.stringMatching(/foreign.*other.*tiny/) });
    expect(service.history(10)).toEqual([]);
  });

  it('asks with the template that the tuned columns were trained with, and says so', async () => {
    const columns = [base, { ...tuned, runId: 'templated' }] as const;
    const plain = await collect(service.generate(request({ columns: [base] }), new AbortController().signal));
    const updates = await collect(service.generate(request({ columns: [...columns] }), new AbortController().signal));
    expect(updates).toContainEqual({ kind: 'notice', message: expect.stringContaining('template of the recipe') });
    expect(textOf(updates), 'another prompt, another answer').not.toBe(textOf(plain));
    const mixed = await collect(service.generate(request({ columns: [...columns, tuned] }), new AbortController().signal));
    expect(mixed).toContainEqual({ kind: 'notice', message: expect.stringContaining('different chat templates') });
  });

  it("passes an engine's refusal on, with nothing kept", async () => {
    // The stand-in gives every run the adapter of the tiny Llama, whose layers are of other shapes.
    const columns = [{ ...tuned, runId: 'foreign' }];
    const failing = collect(service.generate(request({ modelId: 'other', columns }), new AbortController().signal));
    await expect(failing).rejects.toBeInstanceOf(AppError);
    expect(service.history(10)).toEqual([]);
  });
});

function textOf(updates: readonly GenerateUpdate[]): string {
  return updates.flatMap((update) => (update.kind === 'text' && update.column === 0 ? [update.text] : [])).join('');
}
