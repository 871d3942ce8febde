import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

/** QuickGelu(x) = x * sigmoid(alpha x) is SiLU at alpha 1: one pass instead of two. */
function silu({ emitMicrosoft }: LoweringContext, gate: LoweringInput): string {
  return emitMicrosoft('QuickGelu', [gate.full()], { alpha: { float: 1 } });
}

export const lowerSwiglu: OnnxLowering<'swiglu'> = (context, inputs, _params, [type]) => {
  const [gate, up] = inputs as [LoweringInput, LoweringInput];
  const product = context.emit('Mul', [silu(context, gate), up.full()]);
  return [{ name: context.round(product, type!.dtype), shape: type!.shape }];
};

/** d silu / d gate = s + silu (1 - s) with s = sigmoid(gate). */
export const lowerSwigluBackward: OnnxLowering<'swigluBackward'> = (context, inputs, _params, [type]) => {
  const [gate, up, dOut] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const { emit, writer } = context;
  const s = emit('Sigmoid', [gate.full()]);
  const activated = silu(context, gate);
  const slope = emit('Add', [emit('Mul', [activated, emit('Sub', [writer.constant('f32', [1], []), s])]), s]);
  const dGate = emit('Mul', [emit('Mul', [dOut.full(), up.full()]), slope]);
  const dUp = emit('Mul', [dOut.full(), activated]);
  return [dGate, dUp].map((name) => ({ name: context.round(name, type!.dtype), shape: type!.shape }));
};
