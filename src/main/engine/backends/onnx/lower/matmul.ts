import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

/**
 * Rows that are multiplied one by one. ONNX Runtime's matrix kernel copies the whole weight into its own order in every run, which is
 * nearly all the cost of so few rows; a product with one row reads the weight as it lies, and the second finds it in the processor's cache.
 */
const ONE_BY_ONE = 3;

export const matmulLowerings: { readonly matmul: OnnxLowering<'matmul'> } = {
  matmul: (context, [a, b], { transA, transB }, [type]) => {
    if (!transA && transB && hasFewRows(a!, b!)) return [{ name: context.round(rowByRow(context, a!, b!), type!.dtype), shape: type!.shape }];
    const inputs = [a!.full(), b!.full()];
    // Swapped operands are read in place by both kernels, so no Transpose node is ever needed.
    const plain = !transA && !transB;
    const flags = { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } };
    const name = plain ? context.emit('MatMul', inputs) : context.emitMicrosoft('FusedMatMul', inputs, flags);
    return [{ name: context.round(name, type!.dtype), shape: type!.shape }];
  },
};

function hasFewRows({ type: a }: LoweringInput, { type: b }: LoweringInput): boolean {
  return a.shape.length === 2 && b.shape.length === 2 && a.shape[0]! > 1 && a.shape[0]! <= ONE_BY_ONE;
}

function rowByRow({ emit, emitMicrosoft, shared, writer }: LoweringContext, a: LoweringInput, b: LoweringInput): string {
  const row = (index: number) =>
    shared(`row ${index} ${a.full()}`, () => emit('Gather', [a.full(), writer.constant('i64', [index])], { axis: { int: 0 } }));
  const products = Array.from({ length: a.type.shape[0]! }, (_, i) =>
    emitMicrosoft('FusedMatMul', [row(i), b.full()], { transA: { int: 0 }, transB: { int: 1 } }),
  );
  return emit('Concat', products, { axis: { int: 0 } });
}
