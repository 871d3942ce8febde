import { open } from 'node:fs/promises';
import { AppError } from '../../../../shared/lib/app-error.ts';
import { byteSize, isFloat } from '../../ir/dtype.ts';
import { decodeHalfs, isHalf, roundToHalf } from '../../ir/float-bits.ts';
import type { TensorType } from '../../ir/graph.ts';
import { elementCount } from '../../ir/shape.ts';
import { allocate, type Tensor } from '../../ops/core/tensor.ts';
import type { StateSource, StateSpec } from '../backend.ts';
import { fromHost } from './host-tensors.ts';

type FileSource = Extract<StateSource, { readonly kind: 'file' }>;

/** A state's first value. @throws AppError BACKEND-STATE naming the state where its source does not fit its type */
export async function loadState({ name, type, source }: StateSpec): Promise<Tensor> {
  switch (source.kind) {
    case 'zeros':
      return allocate(type);
    case 'values': {
      const rounding = isHalf(type.dtype) && source.tensor.dtype === 'f32';
      const tensor = fromHost(`state ${name}`, source.tensor, rounding ? { ...type, dtype: 'f32' } : type);
      return rounding ? narrowed(type, tensor.data) : tensor;
    }
    case 'file': {
      const count = elementCount(type.shape);
      if (!isFloat(type.dtype) || source.length !== count * byteSize(source.fileDType)) {
        throw new AppError({
          code: 'BACKEND-STATE',
          message: `state ${name}: ${source.length} bytes of ${source.fileDType} in ${source.file} are not ${count} elements for ${type.dtype}`,
        });
      }
      return narrowed(type, decode(source, await readRange(name, source)));
    }
  }
}

/** Values as a tensor of a float type, rounded to it where it is a half. */
function narrowed(type: TensorType, values: ArrayLike<number>): Tensor {
  const { dtype } = type;
  const data = Float64Array.from(values);
  return { ...type, data: isHalf(dtype) ? data.map((x) => roundToHalf(dtype, x)) : data };
}

/** The machines we run on are little-endian, as the files are. */
function decode({ fileDType }: FileSource, bytes: ArrayBuffer): Float32Array {
  return isHalf(fileDType) ? decodeHalfs(fileDType, new Uint16Array(bytes)) : new Float32Array(bytes);
}

async function readRange(name: string, { file, offset, length }: FileSource): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const handle = await open(file, 'r');
  try {
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead === length) return bytes.buffer;
    throw new AppError({
      code: 'BACKEND-STATE',
      message: `state ${name}: ${file} ends ${length - bytesRead} bytes early (wanted ${length} at ${offset})`,
      remedy: 'The file is damaged or incomplete; download it again.',
    });
  } finally {
    await handle.close();
  }
}
