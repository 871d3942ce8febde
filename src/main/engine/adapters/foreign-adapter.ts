/** Adapters that are not PEFT's plain safetensors: what they are, and the way from there. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { TensorInfo } from '../weights/safetensors.ts';

const RESAVE = 'Load it with PEFT on its model and save it with save_pretrained.';
const MERGE = 'Merge it into its model with PEFT (merge_and_unload), save that model, and choose it as the base model.';

/** The weights file of a folder. @throws AppError ADAPTER-FORMAT for a pickle */
export async function weightsFileOf(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  const pickle = join(folder, name.replace(/\.safetensors$/, '.bin'));
  if ((await exists(file)) || !(await exists(pickle))) return file;
  throw new AppError({
    code: 'ADAPTER-FORMAT',
    message: `${pickle}: the adapter is a PyTorch pickle, which can run code when it is read; there is no ${name}.`,
    data: { file: pickle },
    remedy: RESAVE,
  });
}

/** mlx-lm's adapter_config.json: its weights lie in adapters.safetensors, transposed and without PEFT's names. */
export function isMlx(json: unknown): boolean {
  return (
    typeof json === 'object' &&
    json !== null &&
    !('peft_type' in json) &&
    ('fine_tune_type' in json || 'lora_parameters' in json || 'lora_layers' in json)
  );
}

export function mlxError(file: string): AppError {
  return new AppError({
    code: 'ADAPTER-FORMAT',
    message: `${file}: this is an adapter of MLX (mlx-lm), not of PEFT.`,
    data: { file },
    remedy: 'Fuse it into its model with "mlx_lm.fuse" and choose that model, or convert it to PEFT\'s format.',
  });
}

const KINDS: readonly (readonly [RegExp, string, string])[] = [
  [/\.lora_[AB]\.[^.]+\.weight$/, "its name holds the adapter's name, as in the state of a running model, not in a saved adapter", RESAVE],
  [
    /(embed_tokens|lm_head)\.weight$/,
    'the adapter also carries the embeddings or the head (resized, or trained with it), which a plain LoRA adapter does not',
    MERGE,
  ],
  [/lora_magnitude_vector/, 'this is the magnitude of a DoRA adapter, not a weight of a plain LoRA adapter', MERGE],
  [/lora_embedding_[AB]/, 'this is LoRA on the embeddings, not a weight of a plain LoRA adapter on linear layers', MERGE],
  [/^(?!base_model\.model\.).*\.lora_[AB]\.weight$/, 'its name lacks the beginning "base_model.model." that PEFT writes', RESAVE],
];

/** For a tensor whose name is not that of half a pair. */
export function notAPairError({ file, name, shape }: TensorInfo): AppError {
  const [, what, remedy] = KINDS.find(([pattern]) => pattern.test(name)) ?? [
    null,
    'this is not a weight of a plain LoRA adapter',
    'Use a plain LoRA adapter, or merge this one into its model with PEFT first.',
  ];
  return new AppError({ code: 'ADAPTER-TENSORS', message: `${file}, tensor ${name}: ${what}.`, data: { file, tensor: name, shape }, remedy });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
