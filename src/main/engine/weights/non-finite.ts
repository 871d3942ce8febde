/** NaN and infinity in a model's weights: looked for where a result is not a number, since to look at every load would cost a second read. */
import { AppError } from '../../../shared/lib/app-error.ts';
import { readTensorBytes, type TensorInfo } from './safetensors.ts';
import type { WeightsFolder } from './weights-folder.ts';

/** Bytes read at once; a multiple of every width. */
const CHUNK = 16 * 1024 * 1024;

/** The first of the model's tensors that holds NaN or infinity, with the place in it; null where all are numbers. */
export async function findNonFinite(tensors: Iterable<TensorInfo>): Promise<{ readonly tensor: TensorInfo; readonly index: number } | null> {
  for (const tensor of tensors) {
    for (let start = 0; start < tensor.length; start += CHUNK) {
      const bytes = await readTensorBytes(tensor, { start, length: Math.min(CHUNK, tensor.length - start) });
      const index = firstNonFinite(bytes, tensor.dtype);
      if (index >= 0) return { tensor, index: start / widthOf(tensor.dtype) + index };
    }
  }
  return null;
}

/**
 * E-NAN for a result that is not a number: the weights are to blame where they hold such values, else `otherwise` says what is.
 * @param what "Step 1", "Prompt 1": where it was met
 */
export async function nonFiniteError(folder: Pick<WeightsFolder, 'tensors'>, what: string, otherwise: AppError): Promise<AppError> {
  const found = await findNonFinite(folder.tensors.values());
  if (found === null) return otherwise;
  const { file, name } = found.tensor;
  return new AppError({
    code: 'E-NAN',
    message: `${what}: the model's weights are damaged: tensor ${name} in ${file} holds NaN or infinity (value ${found.index}), so nothing can be computed with it.`,
    data: { file, tensor: name, index: found.index },
    remedy: 'Download the model again, or save it again from numbers that are whole.',
  });
}

function widthOf(dtype: string): 2 | 4 {
  return dtype === 'F32' ? 4 : 2;
}

/** All exponent bits set. */
function firstNonFinite(bytes: Uint8Array, dtype: string): number {
  const whole = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  if (dtype === 'F32')
    return new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4).findIndex((bits) => (bits & 0x7f80_0000) === 0x7f80_0000);
  const mask = dtype === 'BF16' ? 0x7f80 : 0x7c00;
  return new Uint16Array(whole.buffer, whole.byteOffset, whole.length / 2).findIndex((bits) => (bits & mask) === mask);
}
