/** What a run trains on is what it was trained on before: a change is named and refused, a spoilt cache is made again, nothing is trained in silence. */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hashWeights } from '../../src/main/engine/train/run-inputs.ts';
import { parityFixture } from '../support/fixture.ts';
import { InterruptedRun, SAVED } from '../support/interrupted-run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const model = join(root, 'model');
const rows = join(root, 'rows', 'rows.jsonl');
const encoded = join(root, 'cache', 'encoded');
const dataset = join(root, 'mine.jsonl');
let run: InterruptedRun;
beforeAll(async () => {
  await cp(parityFixture('models', 'llama-tied'), model, { recursive: true });
  await cp(parityFixture('datasets', 'messages.jsonl'), dataset);
  run = await InterruptedRun.make(root, { dataset, recipe: { model } });
  await cp(root, `${root}-kept`, { recursive: true });
  return () => rm(`${root}-kept`, { recursive: true, force: true });
}, 300_000);

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(path, 'latin1');
  const after = change(before);
  if (after === before) throw new Error(`nothing was changed in ${path}`);
  await writeFile(path, after, 'latin1');
}

/** Other bytes in the middle, none more or less. */
const flip = (path: string, share = 0.5) =>
  edit(path, (text) => {
    const at = Math.floor(share * (text.length - 1));
    return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
  });

/** Everything as it was, but the copies of the run. */
async function restore(): Promise<void> {
  for (const name of ['model', 'rows', 'cache', 'mine.jsonl', 'datasets']) await rm(join(root, name), { recursive: true, force: true });
  for (const name of ['model', 'rows', 'cache', 'mine.jsonl']) await cp(join(`${root}-kept`, name), join(root, name), { recursive: true });
}

const onlyCache = async () => join(encoded, (await readdir(encoded))[0]!);

describe('a run that is resumed', () => {
  it.each<readonly [string, string, RegExp, () => Promise<void>]>([
    ['other weights of the same shapes', 'RESUME-INPUTS', /the weights \(.*model\.safetensors\)/, () => flip(join(model, 'model.safetensors'), 0.9)],
    [
      'another config.json',
      'RESUME-INPUTS',
      /config\.json in /,
      () => edit(join(model, 'config.json'), (text) => text.replace(/"rms_norm_eps": [\d.e-]+/, '"rms_norm_eps": 0.001')),
    ],
    [
      'another tokenizer.json',
      'RESUME-INPUTS',
      /the tokenizer in /,
      () => edit(join(model, 'tokenizer.json'), (text) => text.replace(/"([a-z]{2,4})": (\d+),(\s*)"([a-z]{2,4})": (\d+)/, '"$1": $5,$3"$4": $2')),
    ],
    ['another chat template', 'RESUME-INPUTS', /the chat template/, () => edit(join(model, 'chat_template.jinja'), (text) => `${text} `)],
    [
      'changed rows, their cache gone, the file of the person gone',
      'E-FILE',
      /mine\.jsonl/,
      async () => {
        await edit(rows, (text) => text.replace(/[a-z]{4} [a-z]{4}/, 'abcd efgh'));
        await rm(join(root, 'cache'), { recursive: true });
        await rm(dataset);
      },
    ],
    [
      'changed rows, their cache gone, another file of the person',
      'RESUME-DATA',
      /mine\.jsonl is not the dataset any more/,
      async () => {
        await edit(rows, (text) => text.replace(/[a-z]{4} [a-z]{4}/, 'abcd efgh'));
        await rm(join(root, 'cache'), { recursive: true });
        await edit(dataset, (text) => text.replace(/[a-z]{4} [a-z]{4}/, 'abcd efgh'));
      },
    ],
  ])('with %s: refused by name, nothing trained', async (_name, code, words, change) => {
    await restore();
    await change();
    const dir = await run.copy();
    const { end, updates, isEqual } = await run.resume(dir);
    expect(end).toMatchObject({
      kind: 'failed',
      error: { code, message: expect.stringMatching(words) as string, remedy: expect.any(String) as string },
    });
    expect([updates.some(({ kind }) => kind === 'step'), isEqual]).toEqual([false, false]);
    expect(await readdir(dir)).toContain(`checkpoint-${SAVED[1]}`);
  });

  it.each<readonly [string, RegExp, () => Promise<void>]>([
    ['flipped tokens in the cache', /tokens\.bin was changed .* made again/, async () => flip(join(await onlyCache(), 'tokens.bin'))],
    [
      'tokens that the model does not know',
      /tokens\.bin was changed .* made again/,
      async () => edit(join(await onlyCache(), 'tokens.bin'), (text) => '\x7f'.repeat(64) + text.slice(64)),
    ],
    [
      'an index that leads nowhere',
      /index\.bin was changed .* made again/,
      async () => edit(join(await onlyCache(), 'index.bin'), (text) => text.slice(0, 32) + '\x41\xcd\xcd\x65' + text.slice(36)),
    ],
    [
      'a cut cache',
      /files do not fit each other: it is made again/,
      async () => edit(join(await onlyCache(), 'tokens.bin'), (text) => text.slice(0, 1000)),
    ],
    [
      'changed rows, their cache gone, the file of the person as it was',
      /rows\.jsonl .*made again/,
      async () => {
        await edit(rows, (text) => text.replace(/[a-z]{4} [a-z]{4}/, 'abcd efgh'));
        await rm(join(root, 'cache'), { recursive: true });
      },
    ],
  ])('with %s: says so, makes it again, and ends the same', async (_name, words, change) => {
    await restore();
    await change();
    const resumed = await run.resume(await run.copy());
    expect(resumed).toMatchObject({ end: { kind: 'completed' }, from: SAVED[1], isEqual: true });
    expect(resumed.warnings).toContainEqual(expect.stringMatching(words));
  });

  it('with a config that says the same in other words, or files of another time: goes on', async () => {
    await restore();
    await edit(join(model, 'config.json'), (text) => JSON.stringify({ ...(JSON.parse(text) as object), _note: 'mine' }));
    expect(await run.resume(await run.copy())).toMatchObject({ end: { kind: 'completed' }, isEqual: true });
  });
});

it('weights beyond the bound are hashed by their header, their end and samples; below it by every byte', async () => {
  await restore();
  const big = join(root, 'big.safetensors');
  await writeFile(big, Buffer.alloc(12 * 2 ** 20, 7));
  const seals = async (most?: number) => JSON.stringify(await hashWeights([big], most));
  const [whole, sampled] = [await seals(), await seals(0)];
  for (const at of [0, 2 ** 20 - 1, 2 ** 20, 5 * 2 ** 20 + 16_000, 12 * 2 ** 20 - 1]) {
    const bytes = Buffer.alloc(12 * 2 ** 20, 7);
    bytes[at]! ^= 1;
    await writeFile(big, bytes);
    expect([(await seals()) === whole, (await seals(0)) === sampled], `byte ${at}`).toEqual([false, false]);
  }
  await writeFile(big, Buffer.alloc(12 * 2 ** 20 + 1, 7));
  expect([(await seals()) === whole, (await seals(0)) === sampled]).toEqual([false, false]);
});
