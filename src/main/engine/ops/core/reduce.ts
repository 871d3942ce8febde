import { strides, type Shape } from '../../ir/shape.ts';
import { reducedShape, type ReduceOp } from './reduce-shapes.ts';
import { offsets, type Evaluation } from './tensor.ts';

/** For each input element, the output element that it is reduced into. */
function targets(shape: Shape, axes: readonly number[]): Int32Array {
  const kept = strides(reducedShape(shape, axes, true));
  return offsets(
    shape,
    kept.map((step, axis) => (axes.includes(axis) ? 0 : step)),
  );
}

export const reduceEvaluations: { readonly [K in ReduceOp]: Evaluation<K> } = {
  sum: ([x], { axes }, { data }) => {
    const into = targets(x!.shape, axes);
    for (let i = 0; i < into.length; i++) data[into[i]!]! += x!.data[i]!;
  },
  reduceMax: ([x], { axes }, { data }) => {
    const into = targets(x!.shape, axes);
    data.fill(-Infinity);
    for (let i = 0; i < into.length; i++) data[into[i]!] = Math.max(data[into[i]!]!, x!.data[i]!);
  },
  argmax: ([x], { axis }, { data }) => {
    const into = targets(x!.shape, [axis]);
    const step = strides(x!.shape)[axis]!;
    const best = new Float64Array(data.length).fill(-Infinity);
    for (let i = 0; i < into.length; i++) {
      const target = into[i]!;
      if (x!.data[i]! <= best[target]!) continue;
      best[target] = x!.data[i]!;
      data[target] = Math.floor(i / step) % x!.shape[axis]!;
    }
  },
};
