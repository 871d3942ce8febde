import type { StateSpec } from '../backends/backend.ts';
import { INVERSE_FREQUENCIES } from '../nn/rope.ts';
import type { ModelFolder } from '../weights/model-folder.ts';
import type { TensorInfo } from '../weights/safetensors.ts';
import { inverseFrequencies } from './rope-frequencies.ts';

/** The base model as constant states that load straight from its files, in `dtype` once loaded. */
export function modelStates(folder: ModelFolder, dtype: 'f32' | 'bf16'): StateSpec[] {
  const weights = [...folder.tensors.values()].map((tensor): StateSpec => ({
    name: tensor.name,
    type: { dtype, shape: tensor.shape },
    role: 'constant',
    source: { kind: 'file', file: tensor.file, offset: tensor.offset, length: tensor.length, fileDType: fileDType(tensor) },
  }));
  return [...weights, ropeState(folder)];
}

/** The rotary frequencies, the one constant that no file holds. */
export function ropeState({ config }: Pick<ModelFolder, 'config'>): StateSpec {
  const data = inverseFrequencies(config);
  const type = { dtype: 'f32', shape: [data.length] } as const;
  return { name: INVERSE_FREQUENCIES, type, role: 'constant', source: { kind: 'values', tensor: { ...type, data } } };
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
