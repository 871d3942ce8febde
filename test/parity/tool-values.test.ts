import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { readCanonicalRows } from '../../src/main/engine/data/canonical-rows.ts';
import { createChatTemplate } from '../../src/main/engine/text/chat-template/chat-template.ts';
import type { CanonicalRow } from '../../src/shared/domain/dataset.ts';
import { rowEditSchema } from '../../src/shared/domain/dataset-record.ts';
import { exactText, parseExact } from '../../src/shared/lib/exact-json.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Expected values: scripts/golden/tool_values.py, from Python's json and transformers.
const FIXTURES = join(import.meta.dirname, 'fixtures/tool-values');
const LINES = readFileSync(join(FIXTURES, 'rows.jsonl'), 'utf8').trimEnd().split('\n');
const golden = JSON.parse(readFileSync(join(FIXTURES, 'golden.json'), 'utf8')) as {
  readonly templates: Readonly<Record<string, string>>;
  readonly rows: readonly { readonly name: string; readonly texts: Readonly<Record<string, string>> }[];
  readonly numbers: string;
  readonly arithmetic: readonly { readonly template: string; readonly text?: string; readonly error?: string }[];
};
const templates = Object.entries(golden.templates).map(
  ([shape, source]) => [shape, createChatTemplate(source, { origin: shape, specialTokens: {} })] as const,
);
const scratch = tempFolder();

/** Lines imported as JSONL (the pairs in a file of their own) or as an array, and read as the engine reads them. */
async function imported(name: string, lines: readonly string[]): Promise<readonly CanonicalRow[]> {
  const isPair = (line: string) => line.startsWith('{"prompt"');
  const chats = await fileImported(
    `chats-${name}`,
    lines.filter((line) => !isPair(line)),
  );
  const pairs = await fileImported(`pairs-${name}`, lines.filter(isPair));
  return lines.map((line, i) => (isPair(line) ? pairs : chats)[lines.slice(0, i).filter((other) => isPair(other) === isPair(line)).length]!);
}

async function fileImported(name: string, lines: readonly string[]): Promise<readonly CanonicalRow[]> {
  const file = join(scratch, name);
  writeFileSync(file, name.endsWith('.json') ? `[\n${lines.join(',\n')}\n]` : lines.join('\n'));
  const { file: canonical, findings } = await importDataset({ file, outDir: `${file}.imported` });
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  const rows: CanonicalRow[] = [];
  for await (const batch of readCanonicalRows(canonical, 100, new AbortController().signal)) rows.push(...batch.rows);
  expect(rows).toHaveLength(lines.length);
  return rows;
}

function rendered(row: CanonicalRow): Readonly<Record<string, string>> {
  if (row.kind !== 'messages' && row.kind !== 'chat-prompt-completion') throw new Error(`a row of kind ${row.kind}`);
  const messages = row.kind === 'messages' ? row.messages : [...row.prompt, ...row.completion];
  return Object.fromEntries(
    templates.map(([shape, template]) => [shape, template.render({ messages, tools: row.tools, kwargs: row.chat_template_kwargs }).text]),
  );
}

describe('tools, calls and variables of a row are printed as by Python', () => {
  let rows: readonly CanonicalRow[] = [];
  beforeAll(async () => {
    rows = await imported('rows.jsonl', LINES);
    expect(rows).toHaveLength(golden.rows.length);
  });

  test.each(golden.rows.map(({ name, texts }, i) => ({ name, texts, i })))('$name', ({ texts, i }) => {
    expect(rendered(rows[i]!)).toEqual(texts);
  });

  test('after the page has sent them back, edited', () => {
    for (const [i, { texts }] of golden.rows.entries()) {
      const edit = rowEditSchema.parse(JSON.parse(JSON.stringify({ kind: 'replace', key: 0, row: rows[i] })));
      expect(edit.kind === 'replace' && rendered(edit.row)).toEqual(texts);
    }
  });

  test('after they were exported and imported again', async () => {
    const again = await imported(
      'again.jsonl',
      rows.map(({ kind: _kind, source: _source, ...columns }) => exactText(columns)),
    );
    for (const [i, { texts }] of golden.rows.entries()) expect(rendered(again[i]!)).toEqual(texts);
  });

  test('from an array in a file with line breaks within rows', async () => {
    const again = await imported(
      'array.json',
      LINES.map((line) => line.replaceAll(/":\[\{"(?!:)/g, '":\n[\n{"')),
    );
    for (const [i, { texts }] of golden.rows.entries()) expect(rendered(again[i]!)).toEqual(texts);
  });
});

test.each(golden.arithmetic)('computed as by Python: $template', ({ template, text, error }) => {
  const render = () =>
    createChatTemplate(template, { origin: 'golden', specialTokens: {} }).render({
      messages: [{ role: 'user', content: 'x' }],
      kwargs: parseExact(`{"n":${golden.numbers}}`) as Readonly<Record<string, unknown>>,
    }).text;
  if (error === undefined) expect(render()).toBe(text);
  else expect(render).toThrow(expect.objectContaining({ code: 'E-ROLES' }));
});
