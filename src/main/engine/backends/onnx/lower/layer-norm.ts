import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

/** Its further outputs are mean and 1 / deviation, [.., 1]. */
function normalise(
  context: LoweringContext,
  x: LoweringInput,
  weight: string,
  bias: string,
  eps: number,
): readonly [y: string, mean: string, inverse: string] {
  const attributes = { axis: { int: -1 }, epsilon: { float: eps }, stash_type: { int: 1 } };
  return context.writer.node('LayerNormalization', [x.full(), weight, bias], attributes, { outputs: 3 }) as readonly [string, string, string];
}

export const lowerLayerNorm: OnnxLowering<'layerNorm'> = (context, inputs, { eps }, [type]) => {
  const [x, weight, bias] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  return [{ name: context.round(normalise(context, x, weight.full(), bias.full(), eps)[0], type!.dtype), shape: type!.shape }];
};

/** With r = 1 / deviation, n = (x - mean) r and g = dY * weight: dX = r (g - mean(g) - n mean(g n)), dWeight = sum over rows of dY * n, dBias = of dY. */
export const lowerLayerNormBackward: OnnxLowering<'layerNormBackward'> = (context, inputs, { eps, weightGradient }, outputs) => {
  const [x, weight, dY] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const { emit, writer } = context;
  const { shape, dtype } = x.type;
  const last = writer.constant('i64', [shape.length - 1]);
  const meanOf = (name: string) => emit('ReduceMean', [name, last], { keepdims: { int: 1 } });
  // The op wants a bias as large as the weight; only its statistics are used.
  const [, mean, inverse] = normalise(context, x, weight.full(), weight.full(), eps);
  const normed = emit('Mul', [emit('Sub', [x.full(), mean]), inverse]);
  const g = emit('Mul', [dY.full(), weight.full()]);
  const along = emit('Mul', [normed, meanOf(emit('Mul', [g, normed]))]);
  const dX = { name: context.round(emit('Mul', [emit('Sub', [emit('Sub', [g, meanOf(g)]), along]), inverse]), dtype), shape };
  if (!weightGradient) return [dX];
  const rows = writer.constant(
    'i64',
    shape.slice(0, -1).map((_, axis) => axis),
  );
  const overRows = (name: string) => (shape.length === 1 ? name : emit('ReduceSum', [name, rows], { keepdims: { int: 0 } }));
  const dWeight = overRows(emit('Mul', [dY.full(), normed]));
  return [dX, { name: dWeight, shape: outputs[1]!.shape }, { name: overRows(dY.full()), shape: outputs[2]!.shape }];
};
