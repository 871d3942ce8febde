import type { CoreOp } from '../../../ir/op-types.ts';
import { elementwiseLowerings } from './elementwise.ts';
import { indexingLowerings } from './indexing.ts';
import { layoutLowerings } from './layout.ts';
import type { OnnxLowering } from './lowering.ts';
import { matmulLowerings } from './matmul.ts';
import { reduceLowerings } from './reduce.ts';
import { sourceLowerings } from './source.ts';

/** Every core op as ONNX nodes. */
export const coreLowerings: { readonly [K in CoreOp]: OnnxLowering<K> } = {
  ...elementwiseLowerings,
  ...reduceLowerings,
  ...matmulLowerings,
  ...layoutLowerings,
  ...indexingLowerings,
  ...sourceLowerings,
};
