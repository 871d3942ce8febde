import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { canonicalRowSchema, type CanonicalRow } from '../../shared/domain/dataset.ts';
import { importDataset, type ImportOptions, type ImportProgress } from './import-dataset.ts';

const folder = tempFolder();
let count = 0;

/** Writes `content` under `name` and gives the options to import it into a fresh folder. */
function given(name: string, content: string | Buffer, options: Partial<ImportOptions> = {}): ImportOptions {
  const home = join(folder, String((count += 1)));
  mkdirSync(home);
  const file = join(home, name);
  writeFileSync(file, content);
  return { file, outDir: join(home, 'out'), ...options };
}

/** The canonical rows of a file, each checked against the schema. */
async function rowsOf(file: string): Promise<CanonicalRow[]> {
  return (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => canonicalRowSchema.parse(JSON.parse(line)));
}

const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('import', () => {
  test('JSONL with a byte order mark, CRLF and broken lines: rows, bad rows by line, hash, files', async () => {
    const lines = ['\ufeff{"text":"one"}', '', '{"text":', '{"text":"two"}', '[1]', '{"text":5}', '{"question":"q","answer":"a"}'];
    const options = given('a.jsonl', lines.join('\r\n'));
    const imported = await importDataset(options);
    const bad = [
      { source: 3, reason: expect.stringContaining('not valid JSON') as string, text: lines[2] },
      { source: 5, reason: 'a row must be an object {…}, this is a list', text: '[1]' },
      { source: 6, reason: 'column "text" must be text, it is a number', text: '{"text":5}' },
      { source: 7, reason: 'this row is of the format question-answer, the file is read as text', text: lines[6] },
    ];
    expect(imported).toEqual({
      file: join(options.outDir, 'rows.jsonl'),
      format: 'text',
      rows: 2,
      badRows: 4,
      badRowSamples: bad,
      badRowsFile: join(options.outDir, 'bad-rows.jsonl'),
      findings: [
        {
          code: 'SET-ASIDE',
          level: 'problem',
          message: expect.any(String) as string,
          remedy: expect.any(String) as string,
          rows: { count: 4, first: [3, 5, 6, 7].map((source) => ({ source, position: null })) },
        },
      ],
      contentHash: createHash('sha256').update(readFileSync(imported.file)).digest('hex'),
    });
    expect(await rowsOf(imported.file)).toEqual([
      { kind: 'text', source: 1, text: 'one' },
      { kind: 'text', source: 4, text: 'two' },
    ]);
    const listed = readFileSync(imported.badRowsFile ?? '', 'utf8')
      .trim()
      .split('\n');
    expect(listed.map((line) => JSON.parse(line) as unknown)).toEqual(bad);
    expect(readdirSync(options.outDir).toSorted()).toEqual(['bad-rows.jsonl', 'plan.json', 'rows.jsonl']);
  });

  test('the same rows from JSONL, JSON, CSV and TSV have the same canonical file', async () => {
    const rows = [
      { prompt: 'a, "b"', completion: 'c\nd' },
      { prompt: '你', completion: '🙂' },
    ];
    const hashes = new Set<string>();
    for (const [name, content] of [
      ['a.jsonl', jsonl(...rows)],
      ['a.json', JSON.stringify(rows, null, 2)],
      ['lines.json', jsonl(...rows)],
      ['array.jsonl', JSON.stringify(rows)],
      ['a.csv', '\ufeffprompt,completion\r\n"a, ""b""","c\nd"\r\n你,🙂\r\n'],
      ['a.tsv', 'prompt\tcompletion\n"a, ""b"""\t"c\nd"\n你\t🙂\n'],
    ] as const) {
      const imported = await importDataset(given(name, content));
      expect([name, imported.rows, imported.badRows]).toEqual([name, 2, 0]);
      if (name === 'lines.json')
        expect(imported.findings).toMatchObject([
          { code: 'CONTAINER', message: 'lines.json holds one object a line; it was read as JSONL.', rows: null },
        ]);
      if (name === 'array.jsonl') expect(imported.findings[0]?.message).toContain('one JSON array');
      hashes.add(imported.contentHash);
    }
    expect(hashes.size).toBe(1);
  });

  test('messages as JSON in a CSV cell, and a mapping', async () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const cell = JSON.stringify(messages).replaceAll('"', '""');
    const imported = await importDataset(given('a.csv', `id,messages\n1,"${cell}"\n`));
    expect(await rowsOf(imported.file)).toEqual([{ kind: 'messages', source: 1, messages }]);
    const mapped = await importDataset(given('a.csv', 'q,a\nx,y\n', { mapping: { instruction: 'q', output: 'a' }, pairs: 'chat' }));
    expect(await rowsOf(mapped.file)).toEqual([
      {
        kind: 'chat-prompt-completion',
        source: 1,
        prompt: [{ role: 'user', content: 'x' }],
        completion: [{ role: 'assistant', content: 'y' }],
        plain: { prompt: 'x', completion: 'y' },
      },
    ]);
  });

  test('only the first bad rows are kept in memory, all are in the file', async () => {
    const imported = await importDataset(given('a.jsonl', `${jsonl({ text: 'x' })}${'broken\n'.repeat(500)}`));
    expect([imported.badRows, imported.badRowSamples.length]).toEqual([500, 20]);
    expect(
      readFileSync(imported.badRowsFile ?? '', 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(500);
  });

  test('a clean import removes the earlier list of bad rows', async () => {
    const options = given('a.jsonl', `${jsonl({ text: 'x' })}broken\n`);
    expect((await importDataset(options)).badRowsFile).not.toBeNull();
    writeFileSync(options.file, jsonl({ text: 'x' }));
    expect((await importDataset(options)).badRowsFile).toBeNull();
    expect(readdirSync(options.outDir).toSorted()).toEqual(['plan.json', 'rows.jsonl']);
  });

  test('progress ends at the size of the file', async () => {
    const seen: ImportProgress[] = [];
    const options = given('a.jsonl', jsonl({ text: 'x' }, { text: 'y' }), { onProgress: (progress) => seen.push(progress) });
    await importDataset(options);
    const size = readFileSync(options.file).length;
    expect(seen.at(-1)).toMatchObject({ bytesDone: size, bytesTotal: size, rows: 2, badRows: 0 });
  });
});

describe('refusals name the file', () => {
  test.each([
    ['empty.jsonl', '', 'E-FMT-EMPTY'],
    ['blank.json', ' \n\n', 'E-FMT-EMPTY'],
    ['none.json', '[]', 'E-FMT-EMPTY'],
    ['header.csv', 'text,label\n', 'E-FMT-EMPTY'],
    ['broken.jsonl', 'a\nb\n', 'E-FMT-EMPTY'],
    ['nulls.jsonl', jsonl({ text: '' }, { text: null }), 'E-FMT-EMPTY'],
    ['columns.jsonl', jsonl({ foo: 1, bar: 'x' }), 'E-FMT-COLS'],
    ['columns.csv', 'foo,bar\n1,2\n', 'E-FMT-COLS'],
    ['columns.json', '{"text":["a","b"],"label":[1,2]}', 'E-FMT-JSON'],
    ['spread.json', '{\n"text":"a"\n}\n{\n"text":"b"\n}', 'E-FMT-JSON'],
    ['spread.jsonl', '{\n"text":"a"\n}\n{\n"text":"b"\n}', 'E-FMT-JSON'],
    ['wrapped.jsonl', '{"data": [\n{"text":"a"},\n{"text":"b"}\n]}', 'E-FMT-JSON'],
    ['rows.txt', 'hello\nthere\n', 'E-FMT-FILE'],
    ['data.parquet', 'PAR1', 'E-FILE-KIND'],
    ['pointer.jsonl', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n', 'E-FILE-KIND'],
    ['packed.csv', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), 'E-FILE-KIND'],
    ['pickle.json', Buffer.from([0x80, 4, 0x95, 10, 0, 0]), 'E-FILE-KIND'],
    ['page.json', '<!DOCTYPE html><html></html>', 'E-FILE-KIND'],
  ])('%s', async (name, content, code) => {
    const options = given(name, content);
    const failure = importDataset(options);
    await expect(failure).rejects.toMatchObject({ code, name: 'AppError' });
    await expect(failure).rejects.toThrow(name);
    const left = existsSync(options.outDir) ? readdirSync(options.outDir) : [];
    expect(left).toEqual([]);
  });

  test('a missing file, a folder, a device', async () => {
    const outDir = join(folder, 'none');
    mkdirSync(join(folder, 'folder.jsonl'));
    await expect(importDataset({ file: join(folder, 'no.jsonl'), outDir })).rejects.toMatchObject({ code: 'E-FILE-MISSING' });
    await expect(importDataset({ file: join(folder, 'folder.jsonl'), outDir })).rejects.toMatchObject({ code: 'E-FILE-KIND' });
    expect(existsSync(outDir)).toBe(false);
  });
});

describe('trouble on the way', () => {
  const earlier = '{"kind":"text","source":1,"text":"earlier"}\n';

  test.skipIf(!existsSync('/dev/full') /* only Linux has the device that is always full */)(
    'a full disk names the place, leaves the earlier file and no temporary one',
    async () => {
      const options = given('a.jsonl', jsonl({ text: 'x' }), {
        // The temporary file is made as ever, but the bytes go to the device that is always full.
        openFile: async (path) => {
          await writeFile(path, '');
          return open('/dev/full', 'w');
        },
      });
      mkdirSync(options.outDir);
      writeFileSync(join(options.outDir, 'rows.jsonl'), earlier);
      await expect(importDataset(options)).rejects.toMatchObject({
        code: 'DISK-FULL',
        message: expect.stringContaining(join(options.outDir, 'rows.jsonl')) as string,
      });
      expect(readdirSync(options.outDir)).toEqual(['rows.jsonl']);
      expect(readFileSync(join(options.outDir, 'rows.jsonl'), 'utf8')).toBe(earlier);
    },
  );

  test('an output folder that cannot be', async () => {
    const options = given('a.jsonl', jsonl({ text: 'x' }));
    await expect(importDataset({ ...options, outDir: join(options.file, 'out') })).rejects.toMatchObject({ code: 'FILE-WRITE' });
  });

  test('cancelling leaves the earlier file and no temporary one', async () => {
    const controller = new AbortController();
    const text = jsonl({ text: 'x'.repeat(1000) }).repeat(10_000);
    const options = given('a.jsonl', text, { signal: controller.signal, onProgress: () => controller.abort() });
    mkdirSync(options.outDir);
    writeFileSync(join(options.outDir, 'rows.jsonl'), earlier);
    await expect(importDataset(options)).rejects.toMatchObject({ code: 'E-CANCELLED' });
    expect(readdirSync(options.outDir)).toEqual(['rows.jsonl']);
    expect(readFileSync(join(options.outDir, 'rows.jsonl'), 'utf8')).toBe(earlier);
  });

  test('a row nested past the stack is one bad row', async () => {
    const deep = `{"text":"x","messages":[{"role":"user","content":"a","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}]}`;
    const good = { messages: [{ role: 'user', content: 'a' }] };
    const imported = await importDataset(given('a.jsonl', `${deep}\n${jsonl(good, good)}`));
    expect(imported).toMatchObject({ rows: 2, badRowSamples: [{ source: 1, reason: expect.stringContaining('nested') as string }] });
  });

  test('prototype keys pollute nothing and come back as they went', async () => {
    const line =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"messages":[{"role":"user","content":"a","__proto__":{"polluted":1}}]}';
    const imported = await importDataset(given('a.jsonl', `${line}\n`));
    const [row] = await rowsOf(imported.file);
    expect(row).toEqual({ kind: 'messages', source: 1, messages: [{ role: 'user', content: 'a' }] });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
