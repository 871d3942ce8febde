import type { LoweringInput, OnnxLowering } from './lowering.ts';

/** RotaryEmbedding of com.microsoft rotates all heads in one pass; its cache rows are our tables, addressed one by one. */
export const lowerRope: OnnxLowering<'rope'> = (context, inputs, { inverse }) => {
  const [x, cos, sin] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const [batch, tokens, heads, headDim] = x.type.shape as [number, number, number, number];
  const { emit, emitMicrosoft, reshape, writer } = context;
  const table = (name: string) => context.round(reshape(name, [batch * tokens, headDim / 2]), x.type.dtype);
  const scalar = (value: number) => writer.constant('i64', [value], []);
  const rows = reshape(emit('Range', [scalar(0), scalar(batch * tokens), scalar(1)]), [batch, tokens]);
  const sine = table(sin.full());
  const flat = reshape(x.full(), [batch, tokens, heads * headDim]);
  const rotated = emitMicrosoft('RotaryEmbedding', [flat, rows, table(cos.full()), inverse ? emit('Neg', [sine]) : sine], {
    interleaved: { int: 0 },
    num_heads: { int: heads },
  });
  return [{ name: context.round(reshape(rotated, x.type.shape), x.type.dtype), shape: x.type.shape }];
};
