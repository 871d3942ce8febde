import { strides } from '../../ir/shape.ts';
import type { LayoutOp } from './layout-shapes.ts';
import { broadcastSteps, offsets, type Evaluation, type Tensor } from './tensor.ts';

function pick(x: Tensor, from: Int32Array, output: Tensor): void {
  for (let i = 0; i < from.length; i++) output.data[i] = x.data[from[i]!]!;
}

/** Writes x as the block of `output` that begins at `start`. */
function place(x: Tensor, start: readonly number[], output: Tensor): void {
  const steps = strides(output.shape);
  const into = offsets(
    x.shape,
    steps,
    start.reduce((total, index, axis) => total + index * steps[axis]!, 0),
  );
  for (let i = 0; i < into.length; i++) output.data[into[i]!] = x.data[i]!;
}

export const layoutEvaluations: { readonly [K in LayoutOp]: Evaluation<K> } = {
  after: ([x], _, output) => {
    output.data.set(x!.data);
  },
  reshape: ([x], _, output) => {
    output.data.set(x!.data);
  },
  transpose: ([x], { perm }, output) => {
    const steps = strides(x!.shape);
    pick(
      x!,
      offsets(
        output.shape,
        perm.map((axis) => steps[axis]!),
      ),
      output,
    );
  },
  broadcast: ([x], { shape }, output) => {
    pick(x!, offsets(shape, broadcastSteps(x!.shape, shape)), output);
  },
  slice: ([x], { starts, sizes }, output) => {
    const steps = strides(x!.shape);
    pick(
      x!,
      offsets(
        sizes,
        steps,
        starts.reduce((total, index, axis) => total + index * steps[axis]!, 0),
      ),
      output,
    );
  },
  concat: (inputs, { axis }, output) => {
    let start = 0;
    for (const x of inputs) {
      place(
        x,
        output.shape.map((_, i) => (i === axis ? start : 0)),
        output,
      );
      start += x.shape[axis]!;
    }
  },
  pad: ([x], { before }, output) => {
    place(x!, before, output);
  },
};
