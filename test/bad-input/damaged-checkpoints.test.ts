/** Whatever happens to a checkpoint is seen and named, and the run goes on from the newest good one and ends as if nothing had been; or it says that none is left. */
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPeftAdapter } from '../../src/main/engine/adapters/peft-adapter.ts';
import { openModel } from '../../src/main/engine/models/open-model.ts';
import { checkCheckpoint } from '../../src/main/engine/train/check-checkpoint.ts';
import { exportOutcome } from '../../src/main/services/runs/exports.ts';
import { CHECKPOINT_DAMAGE, UNSEALED_DAMAGE, unseal, type CheckpointDamage } from '../support/damaged-checkpoints.ts';
import { InterruptedRun, SAVED } from '../support/interrupted-run.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const [FIRST, SECOND] = SAVED;
let run: InterruptedRun;
beforeAll(async () => {
  run = await InterruptedRun.make(root, {
    recipe: { lora: { r: 4, lora_alpha: 8, lora_dropout: 0.1 }, per_device_train_batch_size: 3, gradient_accumulation_steps: 2 },
  });
}, 300_000);

/** The two checkpoints alone. */
async function checkpoints(
  prepare: (checkpoint: string) => Promise<void> = async () => undefined,
): Promise<{ readonly newest: string; readonly earlier: string }> {
  const folder = join(root, `checkpoints ${crypto.randomUUID()}`);
  const [newest, earlier] = [join(folder, `checkpoint-${SECOND}`), join(folder, `checkpoint-${FIRST}`)];
  for (const path of [newest, earlier]) {
    await cp(join(run.whole.outDir, path.slice(folder.length)), path, { recursive: true });
    await prepare(path);
  }
  return { newest, earlier };
}

async function expectSeen({ damage, file }: CheckpointDamage, prepare?: (checkpoint: string) => Promise<void>): Promise<void> {
  const { newest, earlier } = await checkpoints(prepare);
  expect((await checkCheckpoint({ path: newest, step: SECOND }, run.whole.recipe)).kind).toBe(prepare ? 'unsealed' : 'sealed');
  await damage(newest, earlier);
  const verdict = await checkCheckpoint({ path: newest, step: SECOND }, run.whole.recipe);
  expect(verdict).toMatchObject({ kind: 'bad', problem: expect.stringContaining(file ?? 'folder is empty') as string });
  expect(JSON.stringify(verdict)).not.toMatch(/download|model again/i);
}

it.each(CHECKPOINT_DAMAGE)('seen by the seal: $name', (each) => expectSeen(each));
it.each(UNSEALED_DAMAGE)('seen without a seal: $name', (each) => expectSeen(each, unseal));

const damageOf = (name: string): CheckpointDamage => {
  const found = CHECKPOINT_DAMAGE.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no damage is called ${name}`);
  return found;
};

/** Whoever takes weights out of a checkpoint looks at its seal too, of the files that are taken. */
const TAKEN = CHECKPOINT_DAMAGE.filter(({ file }) => file?.startsWith('adapter_'));

it.each([...TAKEN, damageOf('trainer_state.json: the next micro-batch')])('not exported or compared: $name', async ({ damage, file }) => {
  const { newest, earlier } = await checkpoints();
  const { model } = await openModel(run.whole.recipe.model);
  expect((await readPeftAdapter(newest, model.linears)).tensors.size).toBeGreaterThan(0);
  await damage(newest, earlier);
  await expect(readPeftAdapter(newest, model.linears)).rejects.toMatchObject({
    code: 'CHECKPOINT-DAMAGED',
    message: expect.stringContaining(file!) as string,
  });
});

it('an export says what is damaged, and writes nothing; the checkpoint before is exported', async () => {
  const dir = await run.copy();
  const name = 'adapter_model.safetensors: a bit flipped at two thirds';
  await damageOf(name).damage(join(dir, `checkpoint-${SECOND}`), '');
  const out = join(root, 'exported');
  await expect(exportOutcome({ runDir: dir, checkpoint: SECOND, outDir: out })).rejects.toMatchObject({
    code: 'CHECKPOINT-DAMAGED',
    message: expect.stringMatching(/checkpoint-6 is damaged .*adapter_model\.safetensors was changed/) as string,
  });
  expect(await readdir(root)).not.toContain('exported');
  await exportOutcome({ runDir: dir, checkpoint: FIRST, outDir: out });
  expect((await readdir(out)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
});

describe('a run that is resumed', () => {
  // Each of these ended with another adapter, or in an error for ever, without the seal.
  it.each([
    'optimizer.safetensors: a bit flipped at two thirds',
    'trainer_state.json: the next micro-batch',
    'trainer_state.json: another step',
    'adapter_model.safetensors: cut in half',
    'trainer_state.json: missing',
    'an empty folder',
  ])('%s: goes on from the checkpoint before, says so, and ends the same', async (name) => {
    const dir = await run.copy();
    const { damage } = damageOf(name);
    await damage(join(dir, `checkpoint-${SECOND}`), join(dir, `checkpoint-${FIRST}`));
    const resumed = await run.resume(dir);
    expect(resumed).toMatchObject({ end: { kind: 'completed' }, from: FIRST, isEqual: true });
    expect(resumed.warnings[0]).toMatch(new RegExp(`checkpoint-${SECOND} is damaged and is not used: `));
    expect(await readFile(join(dir, 'events.jsonl'), 'utf8')).toContain(JSON.stringify(resumed.warnings[0]));
  });

  it('by folders that are no checkpoints: names them, leaves them alone, and prunes none of its own for them', async () => {
    const dir = await run.copy();
    await mkdir(join(dir, 'checkpoint-999999'));
    await cp(join(dir, `checkpoint-${FIRST}`), join(dir, 'checkpoint-3 copy'), { recursive: true });
    const resumed = await run.resume(dir);
    expect(resumed).toMatchObject({ end: { kind: 'completed' }, from: SECOND, isEqual: true });
    expect(resumed.warnings.slice(0, 2)).toEqual([
      expect.stringMatching(/checkpoint-999999 is damaged and is not used: the folder is empty/),
      expect.stringMatching(/also holds checkpoint-3 copy/),
    ]);
    expect((await readdir(dir)).sort()).toEqual(
      expect.arrayContaining(['checkpoint-3', 'checkpoint-3 copy', 'checkpoint-6', 'checkpoint-9', 'checkpoint-999999']),
    );
  });

  it('with none that is good: says what is wrong with each, offers to start again, and touches nothing', async () => {
    const dir = await run.copy();
    await rm(join(dir, `checkpoint-${FIRST}`, 'optimizer.safetensors'));
    await damageOf('optimizer.safetensors: filled with zeros').damage(join(dir, `checkpoint-${SECOND}`), '');
    const before = await readFile(join(dir, 'status.json'), 'utf8');
    const { end } = await run.resume(dir);
    expect(end).toMatchObject({
      code: 'CHECKPOINTS-DAMAGED',
      message: expect.stringMatching(
        /all 2 .*checkpoint-6: optimizer\.safetensors was changed .*checkpoint-3: optimizer\.safetensors is missing/,
      ) as string,
      remedy: expect.stringContaining('start again') as string,
    });
    expect([await readFile(join(dir, 'status.json'), 'utf8'), await readFile(join(dir, 'events.jsonl'), 'utf8')]).toEqual([before, '']);
  });

  it('from checkpoints of an older version: says that they have no seal, and ends the same', async () => {
    const dir = await run.copy();
    for (const step of [FIRST, SECOND]) await unseal(join(dir, `checkpoint-${step}`));
    const resumed = await run.resume(dir);
    expect(resumed).toMatchObject({ end: { kind: 'completed' }, from: SECOND, isEqual: true });
    expect(resumed.warnings.filter((message) => /checkpoint/.test(message))).toEqual([]);
    expect(resumed.updates.filter((update) => update.kind === 'log' && /older version, without a seal/.test(update.message))).toHaveLength(1);
  });
});
