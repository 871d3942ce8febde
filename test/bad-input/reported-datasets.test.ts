import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/shared/lib/app-error.ts';
import { importDataset } from '../../src/main/datasets/import-dataset.ts';
import { readLines } from '../../src/main/datasets/read-lines.ts';
import { testFolder } from '../support/test-folder.ts';

/** Kinds of files that people reported to other programs, written anew and small; the number is that of the public report. */
async function imported(name: string, content: string | Buffer) {
  const folder = await testFolder();
  await writeFile(join(folder, name), content);
  try {
    const { file, format, rows, badRows, badRowSamples, findings } = await importDataset({ file: join(folder, name), outDir: join(folder, 'out') });
    const lines: unknown[] = [];
    for await (const line of readLines(file)) lines.push(JSON.parse(line));
    return { format, rows, badRows, reasons: badRowSamples.map(({ reason }) => reason), codes: findings.map(({ code }) => code), lines };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, message: error.message, remedy: error.remedy };
  }
}

const hare = [
  { from: 'human', value: 'Name an animal.' },
  { from: 'gpt', value: 'A hare.' },
];
const inTurns = [
  { role: 'user', content: 'Name an animal.' },
  { role: 'assistant', content: 'A hare.' },
];

describe('files as people have them', () => {
  it('two turns under keys of their own: the speaker is the key that holds roles (unsloth 1766)', async () => {
    const turns = [
      { who: 'user', said: 'Name an animal.' },
      { who: 'assistant', said: 'A hare.' },
    ];
    for (const row of [turns, turns.map(({ who, said }) => ({ said, who }))]) {
      expect(await imported('a.jsonl', JSON.stringify({ conversations: row }))).toMatchObject({ rows: 1, lines: [{ messages: inTurns }] });
    }
  });

  it('roles with capitals and spaces around them (unsloth PR 11077, unsloth-zoo PR 1225)', async () => {
    const turns = [
      { from: 'User ', value: 'Name an animal.' },
      { from: 'GPT', value: 'A hare.' },
    ];
    expect(await imported('a.jsonl', JSON.stringify({ conversations: turns }))).toMatchObject({
      lines: [{ messages: inTurns }],
      codes: ['ROLE-MAPPED', 'ROLE-MAPPED'],
    });
  });

  it('a list of conversations without a name (unsloth 321)', async () => {
    expect(await imported('a.json', JSON.stringify([hare, hare.toReversed()]))).toMatchObject({
      format: 'conversations',
      rows: 2,
      lines: [{ messages: inTurns }, {}],
      codes: ['OPEN-END'],
    });
    expect(await imported('a.json', JSON.stringify([inTurns]))).toMatchObject({ format: 'messages', rows: 1, lines: [{ messages: inTurns }] });
  });

  it('a CSV of questions and numbers (unsloth 1769)', async () => {
    expect(await imported('a.csv', 'Query,Answer\n"12?","456"\n"123?","456"\n')).toMatchObject({
      format: 'question-answer',
      rows: 2,
      lines: [{ plain: { prompt: '12?', completion: '456' } }, {}],
    });
  });

  it('turns with a switch of their own (LlamaFactory 2571)', async () => {
    const turns = hare.map((turn) => ({ ...turn, loss: turn.from === 'gpt' ? true : null }));
    expect(await imported('a.jsonl', JSON.stringify({ conversations: turns, id: 'x_0' }))).toMatchObject({
      lines: [{ messages: inTurns }],
      codes: ['TURN-SWITCH', 'UNUSED-COLUMN'],
    });
  });

  it('columns written by pandas, an object of rows by number (LlamaFactory 2571)', async () => {
    expect(await imported('a.json', JSON.stringify({ conversations: { 0: hare, 1: hare }, id: { 0: 'a', 1: 'b' } }))).toMatchObject({
      code: 'E-FMT-JSON',
      message: expect.stringContaining('is one object with the keys conversations, id') as string,
    });
  });

  it('calls without a type, and a turn without content (axolotl PR 3917, PR 3991)', async () => {
    const call = { id: 'c', function: { name: 'weather', arguments: '{"city": "Ulm"}' } };
    const messages = [inTurns[0], { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'c', content: 'Grey' }, inTurns[1]];
    const row = { ...messages[1], content: null };
    expect(await imported('a.jsonl', JSON.stringify({ messages }))).toMatchObject({
      rows: 1,
      badRows: 0,
      codes: [],
      lines: [{ messages: [inTurns[0], row, messages[2], inTurns[1]] }],
    });
  });

  it('a conversation as one text in a column called chat (LlamaFactory 2529)', async () => {
    expect(await imported('a.jsonl', JSON.stringify({ system: 'SYSTEM: be brief', chat: 'USER: Hi ASSISTANT: Ho' }))).toMatchObject({
      code: 'E-FMT-COLS',
      message: expect.stringContaining('"chat" must be a list of turns') as string,
    });
  });

  it('answers that are true or false (boolean-questions 8)', async () => {
    expect(await imported('a.jsonl', JSON.stringify({ question: 'is water wet', passage: 'Water.', answer: true }))).toMatchObject({
      code: 'E-FMT-COLS',
      message: expect.stringContaining('"answer" must be text, and in row 1 it is a boolean') as string,
      remedy: expect.stringContaining('Write that column as text') as string,
    });
  });

  it('a file of UTF-8 with one torn line (minimind 551)', async () => {
    const good = Buffer.from(`${JSON.stringify({ text: '湖水很静' })}\n`);
    expect(await imported('a.jsonl', Buffer.concat([good, good.subarray(0, 11), Buffer.from('\n'), good]))).toMatchObject({
      rows: 2,
      badRows: 1,
      reasons: ['this line is not valid UTF-8 text'],
    });
  });

  it('cells that hold the delimiter and quotes, as Excel writes them (machinelearning-modelbuilder 579)', async () => {
    expect(await imported('a.csv', 'question;answer\r\nWhat?;"so;\r\n"" why """\r\n')).toMatchObject({
      rows: 1,
      lines: [{ plain: { prompt: 'What?', completion: 'so;\r\n" why "' } }],
    });
  });

  it('a system turn first and roles of two schools in one conversation (LlamaFactory 6878)', async () => {
    const turns = [
      { from: 'system', value: 'Be brief.' },
      { from: 'user', value: 'Name an animal.' },
      { from: 'gpt', value: 'A hare.' },
    ];
    expect(await imported('a.json', JSON.stringify([{ conversations: turns }]))).toMatchObject({
      lines: [{ messages: [{ role: 'system', content: 'Be brief.' }, ...inTurns] }],
    });
  });

  it('cells of several lines, with quotes and CRLF: rows are counted, not lines (turicreate 907)', async () => {
    const csv = 'prompt,completion\n11,"this is\nnot fine!"\n12,"two\r\n""quoted"" lines"\n13,plain\n';
    expect(await imported('a.csv', csv)).toMatchObject({
      rows: 3,
      badRows: 0,
      lines: [{ source: 1, completion: 'this is\nnot fine!' }, { source: 2, completion: 'two\r\n"quoted" lines' }, { source: 3 }],
    });
  });

  it('a quote that is never closed is named by the line it opens on (nietras/Sep 281)', async () => {
    expect(await imported('a.csv', 'prompt,completion\na,"open\nb,ok\nc,"fine"\n')).toMatchObject({
      code: 'E-FMT-EMPTY',
      message: expect.stringContaining('row starts on line 2') as string,
    });
  });

  it('files with byte order marks, joined: no row is lost to a mark that cannot be seen (ragflow 19179, datasets 8241)', async () => {
    const row = (prompt: string) => `\uFEFF${JSON.stringify({ prompt, completion: 'c' })}`;
    expect(await imported('a.jsonl', `${row('a')}\n${row('b')}\n`)).toMatchObject({
      rows: 2,
      badRows: 0,
      codes: expect.arrayContaining(['BYTE-ORDER-MARK']) as string[],
      lines: [{ prompt: 'a' }, { prompt: 'b' }],
    });
  });
});
