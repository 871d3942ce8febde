import type { IndexingOp } from './indexing-shapes.ts';
import type { Evaluation, Tensor } from './tensor.ts';

/** Undefined behaviour elsewhere; here it is found out. */
function checkedRow(op: IndexingOp, table: Tensor, row: number): number {
  if (row < 0 || row >= table.shape[0]!) throw new RangeError(`[${op}] index ${row} is outside 0..${table.shape[0]! - 1}`);
  return row;
}

/** Elements of one row of axis 0. */
function rowSize({ shape }: Tensor): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}

export const indexingEvaluations: { readonly [K in IndexingOp]: Evaluation<K> } = {
  gather: ([table, index], _, output) => {
    const width = rowSize(table!);
    index!.data.forEach((value, i) => {
      const start = checkedRow('gather', table!, value) * width;
      output.data.set(table!.data.subarray(start, start + width), i * width);
    });
  },
  scatter: ([base, index, updates], { mode }, output) => {
    const width = rowSize(base!);
    output.data.set(base!.data);
    index!.data.forEach((value, i) => {
      const start = checkedRow('scatter', base!, value) * width;
      for (let j = 0; j < width; j++) {
        const update = updates!.data[i * width + j]!;
        output.data[start + j] = mode === 'add' ? output.data[start + j]! + update : update;
      }
    });
  },
};
