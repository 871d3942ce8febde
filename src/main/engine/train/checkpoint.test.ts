import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_RESTRICTION } from '../adapters/module-selection.ts';
import { writePeftAdapter } from '../adapters/peft-adapter.ts';
import { diskWithRoomFor } from '../../../../test/support/full-disk.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { bytesOf } from '../weights/dtype.ts';
import { adapterFromFlat } from './adapter-state.ts';
import { type CheckpointToWrite, latestCheckpoint, listCheckpoints, readCheckpoint, recoverCheckpoints, writeCheckpoint } from './checkpoint.ts';
import { flatLayout } from './flat-layout.ts';
import { parallelSlot } from './optim/optimizer.ts';
import type { LoraTarget } from './trainable.ts';
import { recipeHash } from './recipe-hash.ts';

const PATH = 'model.layers.0.self_attn.q_proj';
const TARGETS: readonly LoraTarget[] = [{ linear: { path: PATH, in: 5, out: 3, bias: false }, rank: 2, alpha: 4, scale: 2 }];
const LAYOUT = flatLayout([
  [`${PATH}.lora_A.weight`, [2, 5]],
  [`${PATH}.lora_B.weight`, [3, 2]],
]);
/** One slot as long as the vector, one that is not. */
const OPTIMIZER = { slots: [parallelSlot('m'), { name: 'rows', size: () => 7, nonNegative: false }] };
const CONFIG = {
  r: 2,
  loraAlpha: 4,
  loraDropout: 0,
  useRslora: false,
  targetModules: ['q_proj'],
  ...NO_RESTRICTION,
  rankPattern: {},
  alphaPattern: {},
  baseModelNameOrPath: null,
};

/** Every bit pattern that a careless copy changes: NaN payloads, infinities, minus zero, subnormals. */
function awkward(salt: number): Float32Array {
  const bits = Uint32Array.from({ length: LAYOUT.size }, (_, i) => Math.imul(i + 1, 2654435761 + salt) >>> 0);
  bits.set([0x7fc00001, 0xffa5a5a5, 0x80000000, 1, 0x7f800000]);
  return new Float32Array(bits.buffer);
}

function checkpointAt(step: number, saveTotalLimit: number | null = null): CheckpointToWrite {
  const trainable = awkward(step);
  return {
    layout: LAYOUT,
    flat: { trainable, slots: { m: awkward(step + 1), rows: awkward(step + 2).slice(0, 7) } },
    writeOutcome: (path, options) => writePeftAdapter(path, adapterFromFlat(LAYOUT, trainable, TARGETS, CONFIG), options),
    trainer: {
      auto_loss: 'turns',
      inputs: null,
      log_window: null,
      best_metric: null,
      best_global_step: null,
      early_stopping_patience_counter: 0,
      global_step: step,
      max_steps: 100,
      epoch: 0.1 + step / 7,
      data_position: { epoch: 1, micro_batch: 4 },
      rng: { dropout: [1, 4294967295], sampler: '18446744073709551615' },
      tokens_seen: 12345,
      log_history: [{ step, values: { loss: 0.1 + 0.2, learning_rate: 2e-4, num_tokens: 77 } }],
      recipe_hash: recipeHash({ b: 1, a: [2] }),
    },
    saveTotalLimit,
    best: null,
  };
}

const names = async (folder: string): Promise<readonly string[]> => (await readdir(folder)).sort();

async function expectIntact(folder: string, step: number): Promise<void> {
  const { flat, trainer } = await readCheckpoint(join(folder, `checkpoint-${step}`), LAYOUT, OPTIMIZER);
  const expected = checkpointAt(step);
  expect(trainer).toMatchObject(expected.trainer);
  const arrays = (state: CheckpointToWrite['flat']) =>
    Object.entries({ ...state.slots, trainable: state.trainable }).map(([name, values]) => [name, Buffer.from(bytesOf(values)).toString('hex')]);
  expect(arrays(flat)).toEqual(arrays(expected.flat));
}

describe('checkpoints', () => {
  it('come back bit for bit', async () => {
    const folder = await testFolder();
    const path = await writeCheckpoint(folder, checkpointAt(7));
    expect(path).toBe(join(folder, 'checkpoint-7'));
    expect(await names(path)).toEqual(['adapter_config.json', 'adapter_model.safetensors', 'optimizer.safetensors', 'trainer_state.json']);
    await expectIntact(folder, 7);
  });

  it('are found by number, not by name, and only when finished', async () => {
    const folder = join(await testFolder(), 'run');
    expect(await latestCheckpoint(folder)).toBeNull();
    for (const step of [9, 100, 20]) await writeCheckpoint(folder, checkpointAt(step));
    await mkdir(join(folder, '.checkpoint-200.new'));
    await mkdir(join(folder, 'checkpoint-x'));
    expect(await latestCheckpoint(folder)).toEqual({ path: join(folder, 'checkpoint-100'), step: 100 });
    expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([9, 20, 100]);
  });

  it('are pruned to the limit, oldest first, never the new one', async () => {
    const folder = await testFolder();
    for (const step of [1, 2, 3, 4]) await writeCheckpoint(folder, checkpointAt(step, 2));
    expect(await names(folder)).toEqual(['checkpoint-3', 'checkpoint-4']);
    await writeCheckpoint(folder, checkpointAt(2, 1)); // resumed from before: older by number, yet the newest
    expect(await names(folder)).toEqual(['checkpoint-2']);
  });

  it('are pruned past the best, which stays with the newest whatever the limit', async () => {
    const folder = await testFolder();
    // As transformers' rotate_checkpoints: the newest and the best are protected, the oldest of the others go first.
    for (const step of [1, 2, 3, 4, 5]) await writeCheckpoint(folder, { ...checkpointAt(step, 3), best: step === 1 ? null : 2 });
    expect(await names(folder)).toEqual(['checkpoint-2', 'checkpoint-4', 'checkpoint-5']);
    await writeCheckpoint(folder, { ...checkpointAt(6, 1), best: 2 });
    expect(await names(folder)).toEqual(['checkpoint-2', 'checkpoint-6']);
  });

  it('replace one of the same step', async () => {
    const folder = await testFolder();
    await writeCheckpoint(folder, { ...checkpointAt(5), flat: checkpointAt(6).flat });
    await writeCheckpoint(folder, checkpointAt(5));
    expect(await names(folder)).toEqual(['checkpoint-5']);
    await expectIntact(folder, 5);
  });

  it('keep the old ones when the disk is full at any byte, and give the space back', async () => {
    const folder = await testFolder();
    await writeCheckpoint(folder, checkpointAt(1));
    const files = await names(join(folder, 'checkpoint-1'));
    const sizes = await Promise.all(files.map(async (file) => (await readFile(join(folder, 'checkpoint-1', file))).length));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    for (const room of [0, 100, sizes[1]! + 50, Math.floor(total / 2), total - 64]) {
      for (const step of [1, 2]) {
        const error: unknown = await writeCheckpoint(folder, checkpointAt(step, 1), diskWithRoomFor(room)).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'DISK-FULL', message: expect.stringContaining(folder) });
      }
    }
    expect(await names(folder)).toEqual(['checkpoint-1']);
    await expectIntact(folder, 1);
  });

  it('recover from a crash at every point of the replacement and the removal', async () => {
    const folder = await testFolder();
    for (const step of [1, 2, 3]) await writeCheckpoint(folder, checkpointAt(step));
    await mkdir(join(folder, '.checkpoint-4.new')); // crashed while writing
    await writeFile(join(folder, '.checkpoint-4.new', 'optimizer.safetensors'), 'half');
    await rename(join(folder, 'checkpoint-3'), join(folder, '.checkpoint-3.old')); // between the two renames
    await mkdir(join(folder, '.checkpoint-2.old')); // after them
    await rename(join(folder, 'checkpoint-1'), join(folder, '.checkpoint-1.gone')); // while pruning
    await recoverCheckpoints(folder);
    expect(await names(folder)).toEqual(['checkpoint-2', 'checkpoint-3']);
    await expectIntact(folder, 3);
    await recoverCheckpoints(join(folder, 'absent'));
  });
});

describe('a state of the version before', () => {
  /** As version 2 wrote it, under its own seal. */
  async function asBefore(path: string, change: (state: object) => object = (state) => state): Promise<void> {
    const { seal: _, ...now } = JSON.parse(await readFile(join(path, 'trainer_state.json'), 'utf8')) as { readonly seal: string };
    const old = { ...now, version: 2, log_history: [{ step: 1, loss: 0.1 + 0.2, grad_norm: null, learning_rate: 2e-4, tokens: 77 }] };
    const seal = createHash('sha256').update(canonicalJson(old)).digest('hex');
    await writeFile(join(path, 'trainer_state.json'), JSON.stringify(change({ ...old, seal })));
  }

  it('is read, its log lines as points', async () => {
    const path = await writeCheckpoint(await testFolder(), checkpointAt(1));
    await asBefore(path);
    const { trainer } = await readCheckpoint(path, LAYOUT, OPTIMIZER);
    expect(trainer.log_history).toEqual([{ step: 1, values: { loss: 0.1 + 0.2, learning_rate: 2e-4, num_tokens: 77 } }]);
    expect(trainer).toMatchObject({ global_step: 1, tokens_seen: 12345, version: 3 });
  });

  it('is held against its seal all the same', async () => {
    const path = await writeCheckpoint(await testFolder(), checkpointAt(1));
    await asBefore(path, (state) => ({ ...state, tokens_seen: 1 }));
    await expect(readCheckpoint(path, LAYOUT, OPTIMIZER)).rejects.toThrow(/seal does not fit/);
  });
});

describe('readCheckpoint', () => {
  const other = flatLayout([
    ['k_proj.lora_A.weight', [2, 5]],
    ['k_proj.lora_B.weight', [3, 2]],
  ]);

  it.each<readonly [string, string, string, RegExp]>([
    ['newer version', 'trainer_state.json', '{"version":99}', /trainer_state\.json: version 99 is from a newer Tunesmith/],
    ['no version', 'trainer_state.json', '[]', /it has no version/],
    ['missing field', 'trainer_state.json', '{"version":1}', /global_step/],
    ['broken JSON', 'trainer_state.json', '{"version"', /not valid JSON/],
    ['broken arrays', 'optimizer.safetensors', 'nonsense', /optimizer\.safetensors/],
  ])('refuses: %s', async (_name, file, text, message) => {
    const folder = await testFolder();
    const path = await writeCheckpoint(folder, checkpointAt(1));
    await writeFile(join(path, file), text);
    await expect(readCheckpoint(path, LAYOUT, OPTIMIZER)).rejects.toThrow(message);
  });

  it('refuses the checkpoint of another recipe', async () => {
    const path = await writeCheckpoint(await testFolder(), checkpointAt(1));
    await expect(readCheckpoint(path, other, OPTIMIZER)).rejects.toMatchObject({ code: 'CHECKPOINT-LAYOUT' });
    await expect(readCheckpoint(path, LAYOUT, { slots: [parallelSlot('adam.m')] })).rejects.toThrow(/holds no adam\.m of 4096/);
  });
});
