/** @file What every tensor of an adapter's file is held against. */
import { AppError } from '../../../shared/lib/app-error.ts';
import { readTensorF32, type TensorInfo } from '../weights/safetensors.ts';

/** What PEFT writes before a module's path. */
export const PREFIX = 'base_model.model.';

/** @throws AppError ADAPTER-TENSORS where a value is not finite */
export async function readNumbers(info: TensorInfo): Promise<Float32Array> {
  const values = await readTensorF32(info);
  if (values.every(Number.isFinite)) return values;
  throw new AppError({
    code: 'ADAPTER-TENSORS',
    message: `${info.file}, tensor ${info.name}: it holds NaN or infinity (value ${values.findIndex((value) => !Number.isFinite(value))}).`,
    data: { file: info.file, tensor: info.name },
    remedy: 'The training of this adapter left the range of numbers: choose an earlier checkpoint, or train again with a lower learning rate.',
  });
}

/** @throws AppError ADAPTER-TENSORS */
export function checkShape(info: TensorInfo, shape: readonly [number, number]): void {
  if (info.shape.length === 2 && info.shape[0] === shape[0] && info.shape[1] === shape[1]) return;
  throw tensorError(info, `shape [${info.shape.join(', ')}], but its config and the model ask for [${shape.join(', ')}]`);
}

export function tensorError(info: TensorInfo, what: string): AppError {
  return new AppError({
    code: 'ADAPTER-TENSORS',
    message: `${info.file}, tensor ${info.name}: ${what}.`,
    data: { file: info.file, tensor: info.name, shape: info.shape },
    remedy: 'Choose an adapter that was trained for this model.',
  });
}
