import type { ShapeRule } from '../../ir/builder.ts';
import { formatType } from '../../ir/graph.ts';
import { sameShape } from '../../ir/shape.ts';
import { refuse, requireDType, requireRank, takeInputs } from '../check.ts';

export type IndexingOp = 'gather' | 'scatter';

export const indexingShapes: { readonly [K in IndexingOp]: ShapeRule<K> } = {
  gather: (inputs) => {
    const [table, index] = takeInputs('gather', inputs, 2);
    requireDType('gather', 'index', index!, 'i32');
    if (table!.shape.length === 0) refuse('gather', 'table must have rank 1 or more');
    return [{ dtype: table!.dtype, shape: [...index!.shape, ...table!.shape.slice(1)] }];
  },
  scatter: (inputs) => {
    const [base, index, updates] = takeInputs('scatter', inputs, 3);
    requireDType('scatter', 'index', index!, 'i32');
    requireRank('scatter', 'index', index!, 1);
    const wanted = [index!.shape[0]!, ...base!.shape.slice(1)];
    if (base!.shape.length === 0 || updates!.dtype !== base!.dtype || !sameShape(updates!.shape, wanted)) {
      refuse('scatter', `updates must be ${base!.dtype}[${wanted.join(', ')}], got ${formatType(updates!)}`);
    }
    return [base!];
  },
};
