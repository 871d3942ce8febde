import type { StateSpec } from '../backends/backend.ts';
import type { TensorInfo } from '../weights/safetensors.ts';
import type { ModelFolder } from './open-model.ts';

/** The base model as constant states that load straight from its files, in `dtype` once loaded. */
export function modelStates({ model, tensors }: ModelFolder, dtype: 'f32' | 'bf16'): StateSpec[] {
  const weights = [...tensors.values()].map((tensor): StateSpec => ({
    name: tensor.name,
    type: { dtype, shape: tensor.shape },
    role: 'constant',
    source: { kind: 'file', file: tensor.file, offset: tensor.offset, length: tensor.length, fileDType: fileDType(tensor) },
  }));
  return [...weights, ...model.constants];
}

function fileDType({ name, file, dtype }: TensorInfo): 'f32' | 'f16' | 'bf16' {
  switch (dtype) {
    case 'F32':
      return 'f32';
    case 'F16':
      return 'f16';
    case 'BF16':
      return 'bf16';
    default:
      throw new Error(`internal: ${file}: ${name} is ${dtype}, which openModel should have refused`);
  }
}
