import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { llamaModel } from '../models/llama/build.ts';
import type { LlamaConfig } from '../models/llama/config.ts';
import { openModel } from '../models/open-model.ts';
import { f32ToBytes } from '../weights/dtype.ts';
import { f32Tensor, openSafetensors, readTensorF32, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts';
import { loraScale, readPeftAdapter, writePeftAdapter } from './peft-adapter.ts';

const { model: MODEL } = await openModel(parityFixture('adapter', 'tiny-llama'));
const LINEARS = MODEL.linears;
const adapterFolder = (name: string): string => parityFixture('adapter', name);

interface Golden {
  readonly scaling: Readonly<Record<string, number>>;
  readonly sum_and_last: Readonly<Record<string, readonly [number, number]>>;
}

async function golden(name: string): Promise<Golden> {
  return JSON.parse(await readFile(join(adapterFolder(name), 'golden.json'), 'utf8')) as Golden;
}

async function spoiled(edit: (config: Record<string, unknown>) => void): Promise<string> {
  const folder = await testFolder();
  await cp(adapterFolder('patterns'), folder, { recursive: true });
  const file = join(folder, 'adapter_config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  edit(config);
  await writeFile(file, JSON.stringify(config));
  return folder;
}

/** Rewrites the weights file; `edit` sees each tensor and may rename, reshape or drop it. */
async function respelled(edit: (name: string, values: Float32Array, shape: readonly number[]) => TensorToWrite | null): Promise<string> {
  const folder = await spoiled(() => undefined);
  const file = join(folder, 'adapter_model.safetensors');
  const { tensors } = await openSafetensors(file);
  const edited = await Promise.all([...tensors.values()].map(async (info) => edit(info.name, await readTensorF32(info), info.shape)));
  await writeSafetensors(
    file,
    edited.filter((tensor) => tensor !== null),
  );
  return folder;
}

describe('readPeftAdapter', () => {
  it.each(['all-linear', 'patterns'])('reads what PEFT wrote: %s', async (name) => {
    const { config, tensors } = await readPeftAdapter(adapterFolder(name), LINEARS);
    const { scaling, sum_and_last: sums } = await golden(name);
    const ours = Object.fromEntries([...tensors].map(([path, pair]) => [path, loraScale(pair, config.useRslora)]));
    expect(ours).toEqual(scaling);
    for (const [path, pair] of tensors) {
      for (const [half, values] of [
        ['A', pair.a],
        ['B', pair.b],
      ] as const) {
        const [sum, last] = sums[`base_model.model.${path}.lora_${half}.default.weight`]!;
        expect(values.at(-1)).toBe(last);
        // Both sides add float64; only the order differs.
        expect(values.reduce((total, x) => total + x, 0)).toBeCloseTo(sum, 10);
      }
    }
  });

  it('accepts missing and unknown keys, as other versions of PEFT write them', async () => {
    const folder = await spoiled((config) => {
      for (const key of Object.keys(config)) {
        if (!['r', 'lora_alpha', 'peft_type', 'rank_pattern', 'alpha_pattern', 'use_rslora'].includes(key)) delete config[key];
      }
      config['some_future_key'] = { a: 1 };
    });
    expect((await readPeftAdapter(folder, LINEARS)).config).toMatchObject({
      r: 4,
      loraDropout: 0,
      targetModules: ['down_proj', 'q_proj', 'v_proj'],
      baseModelNameOrPath: null,
    });
  });

  it('widens half tensors to float32', async () => {
    const folder = await respelled((name, values, shape) => ({ name, shape, dtype: 'F16', chunks: () => [f32ToBytes(values, 'F16')] }));
    const { tensors } = await readPeftAdapter(folder, LINEARS);
    expect(tensors.get('model.layers.0.self_attn.q_proj')?.a).toBeInstanceOf(Float32Array);
  });

  it.each<readonly [string, (config: Record<string, unknown>) => void, RegExp]>([
    [
      'use_dora',
      (config) => {
        config['use_dora'] = true;
      },
      /uses use_dora/,
    ],
    [
      'modules_to_save',
      (config) => {
        config['modules_to_save'] = ['lm_head'];
      },
      /uses modules_to_save/,
    ],
    [
      'bias',
      (config) => {
        config['bias'] = 'all';
      },
      /uses bias "all"/,
    ],
    [
      'trainable tokens',
      (config) => {
        config['trainable_token_indices'] = [1];
      },
      /uses trainable_token_indices/,
    ],
    [
      'pissa',
      (config) => {
        config['init_lora_weights'] = 'pissa_niter_4';
      },
      /changes the base weights/,
    ],
    [
      'another method',
      (config) => {
        config['peft_type'] = 'IA3';
      },
      /peft_type "IA3"/,
    ],
    [
      'a hostile pattern',
      (config) => {
        config['rank_pattern'] = { '(a+)+': 3 };
      },
      /repeats a group/,
    ],
    [
      'r as text',
      (config) => {
        config['r'] = '4';
      },
      /r: /,
    ],
    [
      'another rank',
      (config) => {
        config['r'] = 6;
      },
      /tensor base_model\..*shape \[4, 24\], but its config and the model ask for \[6, 24\]/,
    ],
  ])('refuses: %s', async (_name, edit, message) => {
    await expect(readPeftAdapter(await spoiled(edit), LINEARS)).rejects.toThrow(message);
  });

  it.each<readonly [string, Parameters<typeof respelled>[0], RegExp]>([
    [
      'a DoRA magnitude',
      (name, values, shape) => f32Tensor(name.replace('lora_A.weight', 'lora_magnitude_vector'), shape, values),
      /magnitude of a DoRA adapter/,
    ],
    [
      'a name of a running model',
      (name, values, shape) => f32Tensor(name.replace('.weight', '.default.weight'), shape, values),
      /holds the adapter's name/,
    ],
    [
      'no prefix',
      (name, values, shape) => f32Tensor(name.replace('base_model.model.', ''), shape, values),
      /lacks the beginning "base_model\.model\."/,
    ],
    [
      'resized embeddings',
      (name, values, shape) =>
        /layers\.0.*q_proj\.lora_A/.test(name)
          ? f32Tensor('base_model.model.model.embed_tokens.weight', shape, values)
          : f32Tensor(name, shape, values),
      /embeddings or the head/,
    ],
    [
      'NaN',
      (name, values, shape) =>
        f32Tensor(
          name,
          shape,
          values.map((value, i) => (i === 3 ? NaN : value)),
        ),
      /tensor base_model.*holds NaN or infinity \(value 3\)/,
    ],
    ['another tensor', (name, values, shape) => f32Tensor(name.replace('lora_A', 'lora_C'), shape, values), /not a weight of a plain LoRA adapter/],
    [
      'an unknown layer',
      (name, values, shape) => f32Tensor(name.replace('layers.1', 'layers.9'), shape, values),
      /no linear layer "model\.layers\.9/,
    ],
    ['half a pair', (name, values, shape) => (name.includes('lora_B') ? null : f32Tensor(name, shape, values)), /lora_B half is missing/],
    ['nothing', () => null, /no adapter weights/],
  ])('refuses weights: %s', async (_name, edit, message) => {
    await expect(readPeftAdapter(await respelled(edit), LINEARS)).rejects.toThrow(message);
  });

  it('names the weights that the config asks for and the file lacks, and those that it does not ask for', async () => {
    const half = await respelled((name, values, shape) => (name.includes('layers.1') ? null : f32Tensor(name, shape, values)));
    const read = await readPeftAdapter(half, LINEARS);
    expect(read.notices).toEqual([
      expect.stringMatching(
        /lacks the weights of 3 of the 6 layers.*model\.layers\.1\.self_attn\.q_proj, model\.layers\.1\.self_attn\.v_proj, model\.layers\.1\.mlp\.down_proj/,
      ),
    ]);
    // Written again, it asks for what is there: PEFT would make the others anew and train them.
    expect(read.config.targetModules).toEqual([...read.tensors.keys()]);
    const more = await readPeftAdapter(
      await spoiled((config) => {
        config['target_modules'] = ['q_proj', 'v_proj'];
      }),
      LINEARS,
    );
    expect(more.notices).toEqual([expect.stringMatching(/weights for 2 layers that its config does not name/)]);
    expect([...more.tensors.keys()].filter((path) => path.includes('down_proj'))).toEqual([]);
    await expect(
      readPeftAdapter(
        await spoiled((config) => {
          config['target_modules'] = ['o_proj'];
        }),
        LINEARS,
      ),
    ).rejects.toThrow(/names none of the layers/);
  });

  it('keeps the keys that restrict the layers', async () => {
    const folder = await respelled((name, values, shape) => (name.includes('layers.1') ? null : f32Tensor(name, shape, values)));
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')) as object;
    await writeFile(join(folder, 'adapter_config.json'), JSON.stringify({ ...config, layers_to_transform: [0], exclude_modules: ['o_proj'] }));
    const read = await readPeftAdapter(folder, LINEARS);
    expect(read.notices).toEqual([]);
    const out = await testFolder();
    await writePeftAdapter(out, read);
    expect(JSON.parse(await readFile(join(out, 'adapter_config.json'), 'utf8'))).toMatchObject({
      layers_to_transform: [0],
      exclude_modules: ['o_proj'],
      target_modules: expect.arrayContaining(['down_proj', 'q_proj', 'v_proj']),
    });
  });

  it('calls a pickle and an MLX adapter what they are', async () => {
    const pickle = await spoiled(() => undefined);
    await rename(join(pickle, 'adapter_model.safetensors'), join(pickle, 'adapter_model.bin'));
    await expect(readPeftAdapter(pickle, LINEARS)).rejects.toMatchObject({
      code: 'ADAPTER-FORMAT',
      message: expect.stringMatching(/PyTorch pickle/),
      remedy: expect.stringMatching(/save_pretrained/),
    });
    const mlx = await testFolder();
    await writeFile(
      join(mlx, 'adapter_config.json'),
      JSON.stringify({ fine_tune_type: 'lora', num_layers: 16, lora_parameters: { rank: 8, scale: 20 } }),
    );
    await expect(readPeftAdapter(mlx, LINEARS)).rejects.toMatchObject({ code: 'ADAPTER-FORMAT', message: expect.stringMatching(/MLX/) });
  });

  it('refuses an adapter of another model', async () => {
    await expect(
      readPeftAdapter(adapterFolder('all-linear'), llamaModel({ ...(MODEL.config as LlamaConfig), intermediateSize: 48 }).linears),
    ).rejects.toMatchObject({
      code: 'ADAPTER-TENSORS',
      message: expect.stringContaining('mlp.'),
    });
  });
});

describe('writePeftAdapter', () => {
  it('writes the same bytes as PEFT', async () => {
    const folder = join(await testFolder(), 'new', 'adapter');
    await writePeftAdapter(folder, await readPeftAdapter(adapterFolder('all-linear'), LINEARS));
    expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    for (const file of await readdir(folder)) {
      expect((await readFile(join(folder, file))).equals(await readFile(join(adapterFolder('all-linear'), file))), file).toBe(true);
    }
  });

  it('writes ranks and alphas that differ as exact paths', async () => {
    const folder = await testFolder();
    const adapter = await readPeftAdapter(adapterFolder('patterns'), LINEARS);
    await writePeftAdapter(folder, adapter);
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({
      alpha_pattern: { 'model.layers.0.self_attn.v_proj': 16 },
      rank_pattern: {
        'model.layers.0.mlp.down_proj': 5,
        'model.layers.1.mlp.down_proj': 5,
        'model.layers.1.self_attn.q_proj': 2,
      },
    });
    expect((await readPeftAdapter(folder, LINEARS)).tensors).toEqual(adapter.tensors);
  });
});
