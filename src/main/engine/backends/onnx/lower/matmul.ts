import type { OnnxLowering } from './lowering.ts';

export const matmulLowerings: { readonly matmul: OnnxLowering<'matmul'> } = {
  matmul: (context, [a, b], { transA, transB }, [type]) => {
    const inputs = [a!.full(), b!.full()];
    // Swapped operands are read in place by both kernels, so no Transpose node is ever needed.
    const plain = !transA && !transB;
    const flags = { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 } };
    const name = plain ? context.emit('MatMul', inputs) : context.emitMicrosoft('FusedMatMul', inputs, flags);
    return [{ name: context.round(name, type!.dtype), shape: type!.shape }];
  },
};
