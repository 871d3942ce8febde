/** A tokenizer that stops its library in the middle of the work, through a real job: told as the file that it is, without native backtraces. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ResidentEngines } from '../../src/main/engine-host/resident-engines.ts';
import { runJob, trainJob } from '../support/engine-job.ts';
import { parityFixture } from '../support/fixture.ts';
import { testFolder } from '../support/test-folder.ts';

it('in training, counting and previews, and no job that saves nothing is told to be resumed', async () => {
  const root = await testFolder();
  const model = join(root, 'model');
  await cp(parityFixture('models', 'llama-tied'), model, { recursive: true });
  const file = join(model, 'tokenizer.json');
  const json = JSON.parse(await readFile(file, 'utf8')) as object;
  // Ways without number to read the same letters: the library gives up, and takes the process with it.
  await writeFile(
    file,
    JSON.stringify({ ...json, pre_tokenizer: { type: 'Split', pattern: { Regex: '(a|a)*$' }, behavior: 'Isolated', invert: false } }),
  );
  await writeFile(join(model, 'tokenizer_config.json'), JSON.stringify({ tokenizer_class: 'PreTrainedTokenizerFast', eos_token: '<|im_end|>' }));
  const data = join(root, 'a.jsonl');
  await writeFile(data, `${JSON.stringify({ text: `${'a'.repeat(60)}b` })}\n`);
  const train = await trainJob(root, 'run', { recipe: { model }, dataset: data });
  const told = {
    code: 'TOKENIZER-FILE',
    message: expect.stringContaining(`The tokenizer file ${file} cannot be used`) as string,
    remedy: expect.not.stringContaining('Resume') as string,
  };
  const { recipe, rows, device, threads, cacheDir } = train;
  const preview = { kind: 'preview', recipe, rows, device, threads, cacheDir, first: 0, count: 1 } as const;
  const residents = new ResidentEngines();
  for (const start of [() => runJob(train), () => runJob(preview), () => residents.ask(preview, () => undefined).ended]) {
    const error: unknown = await start().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(told);
    expect((error as Error).message).not.toMatch(/panicked/);
    expect(JSON.stringify(error)).not.toMatch(/backtrace|__libc_start/);
  }
  await residents.close();
});
