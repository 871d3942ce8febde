import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

/** SimplifiedLayerNormalization is RMSNorm in one pass; its second output is 1 / rms, [.., 1]. */
function normalise(context: LoweringContext, x: LoweringInput, weight: string, eps: number): readonly [y: string, inverse: string] {
  const attributes = { axis: { int: -1 }, epsilon: { float: eps }, stash_type: { int: 1 } };
  return context.writer.node('SimplifiedLayerNormalization', [x.full(), weight], attributes, { outputs: 2 }) as readonly [string, string];
}

export const lowerRmsNorm: OnnxLowering<'rmsNorm'> = (context, inputs, { eps }, [type]) => {
  const [x, weight] = inputs as [LoweringInput, LoweringInput];
  const shape = type!.shape;
  if (type!.dtype === 'f32') return [{ name: normalise(context, x, weight.full(), eps)[0], shape }];
  // The norm is rounded before the weight is applied, so the weight cannot be folded in.
  const ones = context.emit('Expand', [context.writer.constant('f32', [1]), context.writer.constant('i64', weight.type.shape)]);
  const normed = context.round(normalise(context, x, ones, eps)[0], type!.dtype);
  return [{ name: context.round(context.emit('Mul', [normed, weight.full()]), type!.dtype), shape }];
};

/** With r = 1 / rms, n = x r and g = dY * weight: dX = r g - x (r^3 mean(g x)), dWeight = sum over rows of dY * n. */
export const lowerRmsNormBackward: OnnxLowering<'rmsNormBackward'> = (context, inputs, { eps, weightGradient }, outputs) => {
  const [x, weight, dY] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const { emit, writer } = context;
  const { shape, dtype } = x.type;
  const last = shape.length - 1;
  const inverse = normalise(context, x, weight.full(), eps)[1];
  const g = emit('Mul', [dY.full(), weight.full()]);
  const mean = emit('ReduceMean', [emit('Mul', [g, x.full()]), writer.constant('i64', [last])], { keepdims: { int: 1 } });
  const cube = emit('Mul', [emit('Mul', [inverse, inverse]), inverse]);
  const projection = emit('Mul', [x.full(), emit('Mul', [mean, cube])]);
  const dX = { name: context.round(emit('Sub', [emit('Mul', [g, inverse]), projection]), dtype), shape };
  if (!weightGradient) return [dX];
  const rows = writer.constant(
    'i64',
    shape.slice(0, -1).map((_, axis) => axis),
  );
  const product = emit('Mul', [emit('Mul', [dY.full(), x.full()]), inverse]);
  const dWeight = shape.length === 1 ? product : emit('ReduceSum', [product, rows], { keepdims: { int: 0 } });
  return [dX, { name: dWeight, shape: outputs[1]!.shape }];
};
