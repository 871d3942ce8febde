import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { canonicalRowSchema, type CanonicalRow } from '../../../shared/domain/dataset.ts';
import type { DatasetSummary } from '../../../shared/domain/dataset-record.ts';
import type { CountUpdate, InspectedRow, InspectUpdate } from '../../../shared/domain/inspection.ts';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import { recipeSchema, recipeSettingsSchema, type RecipeSettings } from '../../../shared/domain/recipe/recipe.ts';
import { importDataset } from '../../datasets/import-dataset.ts';
import { dataFolder } from '../../app/paths.ts';
import { ResidentEngines } from '../../engine-host/resident-engines.ts';
import { Registry } from '../../registry/registry.ts';
import { Inspector, type EncodingSubject } from './inspector.ts';

const settingsOf = (more: Partial<RecipeSettings> = {}): RecipeSettings => recipeSettingsSchema.parse(more);

/** A real engine and registry; the dataset is a file, and what is pushed to `rows` is a pending edit. */
async function bench(dataset: string, model = 'llama-tied') {
  const root = await testFolder();
  const data = dataFolder(root);
  const registry = Registry.open(join(root, 'registry.sqlite'));
  onTestFinished(() => registry.close());
  const imported = await importDataset({ file: dataset, outDir: join(root, 'rows') });
  const rows = (await readFile(imported.file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => canonicalRowSchema.parse(JSON.parse(line)));
  const edits = { pending: 0 };
  registry.database.prepare("INSERT INTO datasets VALUES ('d', 'd', 'd', NULL, NULL, '', '')").run();
  registry.database
    .prepare(
      "INSERT INTO dataset_versions (id, dataset_id, number, format, file, rows, bad_rows, bad_rows_file, bad_row_samples_json, notices_json, content_hash, created_at) VALUES ('v', 'd', 1, 'text', ?, 1, 0, NULL, '[]', '[]', 'hash', '')",
    )
    .run(imported.file);
  const get = () =>
    ({ id: 'd', version: { ...imported, id: 'v' }, edits: { rows: rows.length, pending: edits.pending } }) as unknown as DatasetSummary;
  const writeRows = async (_: string, { first, count }: { readonly first: number; readonly count: number }, target: string) => {
    const window = rows.slice(first, first + count);
    await writeFile(target, window.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return { rows: window.length };
  };
  const engines = new ResidentEngines();
  onTestFinished(() => engines.close());
  const inspector = new Inspector(
    { data, registry, resources: '', host: 'browser', version: '0' },
    { get: () => ({ path: parityFixture('models', model) }) as ModelRecord },
    { get, writeRows },
    engines,
  );
  const subject = (settings: Partial<RecipeSettings> = {}): EncodingSubject => ({ modelId: 'm', datasetId: 'd', settings: settingsOf(settings) });
  const edit = (row: CanonicalRow) => {
    rows.push(row);
    edits.pending++;
    registry.database.prepare("INSERT INTO dataset_edits VALUES ('v', ?, ?, 0)").run(edits.pending, JSON.stringify({ kind: 'add', row }));
  };
  return { inspector, subject, edit, data, rows, file: imported.file };
}

async function all<T>(updates: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const update of updates) list.push(update);
  return list;
}
const rowsOf = (updates: readonly InspectUpdate[]): InspectedRow[] => updates.flatMap((update) => (update.kind === 'row' ? [update.row] : []));
const countsOf = (updates: readonly CountUpdate[]) => updates.find((update) => update.kind === 'done')?.counts;
const never = new AbortController().signal;

// The same goldens of TRL as of the CLI's preview, so that the two cannot drift apart.
it.each([
  ['llama-tied-prompt-completion', 'prompt-completion.jsonl', 'llama-tied'],
  ['qwen2-untied-assistant-only', 'messages.jsonl', 'qwen2-untied'],
])('%s: ids and labels are those of TRL', async (name, dataset, model) => {
  const golden = (await readFile(parityFixture('training', name, 'encoded.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { input_ids: number[]; labels: number[] });
  const {
    adapter: _a,
    model: _m,
    dataset: _d,
    version: _v,
    ...settings
  } = recipeSchema.parse(JSON.parse(await readFile(parityFixture('training', name, 'recipe.json'), 'utf8')));
  const { inspector, subject } = await bench(parityFixture('datasets', dataset), model);
  const rows = rowsOf(await all(inspector.rows(subject(settings), 0, 100, never)));
  expect(rows.map(({ tokens }) => ({ input_ids: tokens.map(({ id }) => id), labels: tokens.map(({ label }) => label) }))).toEqual(
    golden.map(({ input_ids, labels }) => ({ input_ids, labels })),
  );
});

it.each(['llama-tied-packed', 'llama-tied-packed-cut', 'llama-tied-packed-split', 'qwen2-tied-packed-wrapped'])(
  "%s: counts TRL's packs, and says what packing does to rows",
  async (name) => {
    const packs = (await readFile(parityFixture('training', name, 'encoded.jsonl'), 'utf8')).trimEnd().split('\n').length;
    const {
      adapter: _a,
      model,
      dataset,
      version: _v,
      ...settings
    } = recipeSchema.parse(JSON.parse(await readFile(parityFixture('training', name, 'recipe.json'), 'utf8')));
    const { inspector, subject } = await bench(parityFixture('datasets', basename(dataset.file)), basename(model));
    const counts = countsOf(await all(inspector.count(subject(settings), never)))!;
    expect(counts.packs).toBe(packs);
    const codes = counts.findings.map(({ code }) => code);
    expect(codes).toContain('PACKED');
    expect(codes.includes('CUT')).toBe(name === 'llama-tied-packed-cut');
    expect(codes.includes('SPLIT')).toBe(name === 'llama-tied-packed-split');
    expect(codes.includes('WRAPPED')).toBe(name === 'qwen2-tied-packed-wrapped');
    // A window of rows cannot tell.
    const window = await all(inspector.rows(subject(settings), 0, 5, never));
    expect(JSON.stringify(window)).not.toMatch(/PACKED|WRAPPED/);
    expect(inspector.knownCounts(subject({ ...settings, packing: false }))).toBeNull();
  },
);

it('lists what is cut after what is kept, at positions of the dataset, and leaves no file behind', async () => {
  const { inspector, subject, data } = await bench(parityFixture('datasets', 'text.jsonl'));
  const [whole] = rowsOf(await all(inspector.rows(subject(), 3, 1, never)));
  const [short] = rowsOf(await all(inspector.rows(subject({ max_length: 9 }), 3, 1, never)));
  expect([whole?.row, whole?.cut, whole?.truncatedTokens]).toEqual([3, [], 0]);
  const ids = whole!.tokens.map(({ id }) => id);
  expect(short).toMatchObject({ row: 3, truncatedTokens: ids.length - 9 });
  expect([...short!.tokens, ...short!.cut].map(({ id }) => id)).toEqual(ids);
  expect(short!.cut.at(-1)!.text).toBe(whole!.tokens.at(-1)!.text);
  // The end of the text is the tokenizer's own mark; words are not.
  expect(whole!.tokens.map(({ special }) => special)).toEqual(expect.arrayContaining([true, false]));
  expect(await readdir(join(data.cache, 'inspector'))).toEqual([]);
});

it('shows pending edits, says which row is left out, and refuses rows beyond the end', async () => {
  const { inspector, subject, edit, rows } = await bench(parityFixture('datasets', 'prompt-completion.jsonl'));
  edit({ kind: 'prompt-completion', source: 999, prompt: 'A prompt much longer than the longest example', completion: ' x' });
  const updates = await all(inspector.rows(subject({ max_length: 4 }), rows.length - 1, 5, never));
  expect(updates).toContainEqual({ kind: 'dropped', row: rows.length - 1, source: 999, length: expect.any(Number), reason: null });
  expect(rowsOf(await all(inspector.rows(subject(), rows.length - 1, 5, never)))).toMatchObject([
    { row: rows.length - 1, source: 999, trainedText: expect.stringContaining('x') },
  ]);
  await expect(all(inspector.rows(subject(), rows.length, 1, never))).rejects.toMatchObject({ code: 'INSPECT-RANGE' });
});

it('counts what rows show, remembers it, and counts anew after an edit or another setting', async () => {
  const { inspector, subject, edit, file, rows } = await bench(parityFixture('datasets', 'prompt-completion.jsonl'));
  const settings = subject({ max_length: 24 });
  expect(inspector.knownCounts(settings)).toBeNull();
  const counts = countsOf(await all(inspector.count(settings, never)));
  const shown = rowsOf(await all(inspector.rows(settings, 0, 100, never)));
  const sum = (of: (row: InspectedRow) => number) => shown.reduce((total, row) => total + of(row), 0);
  expect(counts).toMatchObject({
    rows: rows.length,
    dropped: rows.length - shown.length,
    tokens: sum(({ tokens }) => tokens.length),
    targets: sum(({ tokens }) => tokens.filter(({ trained }) => trained).length),
  });
  expect(counts!.truncated).toBeGreaterThan(0);
  expect(counts!.lengths.counts.reduce((total, each) => total + each, 0)).toBe(rows.length);
  expect(counts!.lengths.edges.at(-1)).toBeGreaterThan(counts!.longest);
  expect(inspector.knownCounts(settings)).toEqual(counts);
  expect(inspector.knownCounts(subject({ max_length: 25 }))).toBeNull();
  // Remembered: the file is not needed any more.
  await rm(file);
  expect(await all(inspector.count(settings, never))).toEqual([{ kind: 'done', counts }]);
  edit({ kind: 'prompt-completion', source: 1, prompt: 'a', completion: ' b' });
  expect(inspector.knownCounts(settings)).toBeNull();
  expect(countsOf(await all(inspector.count(settings, never)))).toMatchObject({ rows: rows.length });
});

it('a row that the template refuses is set aside by name, a broken template is its own error; an aborted count ends without one', async () => {
  const { inspector, subject } = await bench(parityFixture('datasets', 'messages.jsonl'), 'qwen2-tied');
  const updates = await all(inspector.rows(subject({ chat_template: '{{ raise_exception("no such role") }}' }), 2, 1, never));
  expect(updates).toContainEqual({ kind: 'dropped', row: 2, source: 3, length: 0, reason: 'no such role' });
  expect(updates.flatMap((update) => (update.kind === 'findings' ? update.findings : []))).toContainEqual(
    expect.objectContaining({ code: 'SET-ASIDE', rows: { count: 1, first: [{ source: 3, position: 2 }] } }),
  );
  await expect(all(inspector.rows(subject({ chat_template: '{% if x %}' }), 0, 1, never))).rejects.toMatchObject({
    code: 'E-TEMPLATE',
    message: expect.stringContaining('line 1'),
    remedy: expect.any(String),
  });
  await expect(all(inspector.count(subject({ eos_token: 'no-such-token' }), never))).rejects.toMatchObject({ code: 'E-EOS' });
  const stop = new AbortController();
  const counting = all(inspector.count(subject(), stop.signal));
  stop.abort();
  expect(countsOf(await counting)).toBeUndefined();
});
