/** Files made to be slow, large or deep: how much work and disk each may cost, told by counts rather than by a clock. */
import { createWriteStream, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { sketchFile } from '../../src/main/datasets/sketch-file.ts';
import { readingSchema } from '../../src/shared/domain/dataset-record.ts';
import { testFolder } from '../support/test-folder.ts';

const READING = readingSchema.parse({});

describe('rows that cannot be used', () => {
  it.each([
    ['commas and nothing between them', 'rows.json', `[{"text":"a"}${','.repeat(400_000)}{"text":"b"}]`, /element is empty/],
    ['numbers', 'rows.jsonl', `{"text":"a"}\n${'1\n'.repeat(400_000)}`, /must be an object/],
    ['no JSON at all', 'rows.jsonl', `{"text":"a"}\n${'x\n'.repeat(400_000)}`, /not valid JSON/],
    ['before the first that can be used', 'rows.jsonl', `${'1\n'.repeat(400_000)}{"text":"a"}\n`, /must be an object/],
  ])('%s: the import gives up long before the end, names the first and leaves nothing', async (_name, file, content, reason) => {
    const root = await testFolder();
    await writeFile(join(root, file), content);
    const importing = importDataset({ file: join(root, file), outDir: join(root, 'out') });
    await expect(importing).rejects.toMatchObject({
      code: 'E-FMT-BAD-ROWS',
      message: expect.stringMatching(reason) as string,
      data: { badRows: 100_000 },
    });
    await expect(readFile(join(root, 'out', 'bad-rows.jsonl'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('among good ones are all counted; the list of them is bounded and says so', async () => {
    const root = await testFolder();
    const file = join(root, 'rows.jsonl');
    await writeFile(file, '{"text":"a good row"}\n1\n'.repeat(30_000));
    const imported = await importDataset({ file, outDir: join(root, 'out') });
    expect(imported).toMatchObject({ rows: 30_000, badRows: 30_000 });
    expect(imported.findings).toContainEqual(
      expect.objectContaining({ code: 'SET-ASIDE-MORE', message: expect.stringContaining('first 10,000') as string }),
    );
    const listed = (await readFile(imported.badRowsFile!, 'utf8')).trimEnd().split('\n');
    expect(listed).toHaveLength(10_000);
    expect(JSON.parse(listed[0]!)).toMatchObject({ source: 2 });
  });

  it('do not make a list larger than 33 MB, however long they are', async () => {
    const root = await testFolder();
    const file = join(root, 'rows.jsonl');
    const out = createWriteStream(file);
    const long = `{"text":"${'x'.repeat(60_000)}\n`;
    for (let row = 0; row < 1000; row += 1) if (!out.write(`${long}{"text":"good ${row}"}\n`)) await once(out, 'drain');
    out.end();
    await once(out, 'close');
    const imported = await importDataset({ file, outDir: join(root, 'out') });
    expect(imported).toMatchObject({ rows: 1000, badRows: 1000 });
    expect(statSync(imported.badRowsFile!).size).toBeLessThan(33 * 1024 * 1024);
  });
});

it('a cell of JSON that is nested past the stack is one bad row, quickly', async () => {
  const root = await testFolder();
  const file = join(root, 'rows.jsonl');
  const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
  const good = {
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  };
  await writeFile(
    file,
    [good, { ...good, tools: deep }, { ...good, chat_template_kwargs: `{"a":${deep}}` }].map((row) => JSON.stringify(row)).join('\n'),
  );
  expect(await importDataset({ file, outDir: join(root, 'out') })).toMatchObject({
    rows: 1,
    badRows: 2,
    badRowSamples: [{ source: 2, reason: expect.stringContaining('"tools"') as string }, { source: 3 }],
  });
});

describe('a sketch', () => {
  const sketchOf = async (name: string, content: string) => {
    const file = join(await testFolder(), name);
    await writeFile(file, content);
    const sketch = await sketchFile(file, READING);
    return { sketch, size: JSON.stringify(sketch).length };
  };

  it('tells of a row nested past the stack, in whichever column', async () => {
    const deep = `{"text":"a","extra":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const { sketch } = await sketchOf('rows.jsonl', `${deep}\n{"text":"b"}\n`);
    expect(sketch.outcome).toMatchObject({
      kind: 'readable',
      rows: [{ text: 'b' }],
      badRows: [{ source: 1, reason: expect.stringContaining('nested') as string }],
    });
  });

  it('stays below a megabyte for rows of many megabytes', async () => {
    const { sketch, size } = await sketchOf(
      'rows.jsonl',
      `${JSON.stringify({ text: 'x'.repeat(8_000_000), other: { list: Array.from({ length: 500_000 }, (_, i) => i) } })}\n`.repeat(3),
    );
    expect(sketch.outcome).toMatchObject({ kind: 'readable', format: 'text' });
    expect(size).toBeLessThan(1024 * 1024);
  });

  it('stays below a megabyte for keys of any length and number', async () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `"${i}${'k'.repeat(3000)}":1`).join(',');
    const { sketch, size } = await sketchOf('rows.jsonl', `{"text":"a",${keys}}\n`);
    expect(sketch.columns).toHaveLength(200);
    expect(size).toBeLessThan(1024 * 1024);
  });

  it('stays below a megabyte for refused rows of any length', async () => {
    const { size } = await sketchOf('rows.jsonl', `{"text":"a"}\n${`{"text":"${'x'.repeat(2_000_000)}\n`.repeat(10)}`);
    expect(size).toBeLessThan(1024 * 1024);
  });
});
