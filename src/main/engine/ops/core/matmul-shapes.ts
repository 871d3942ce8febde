import type { ShapeRule } from '../../ir/builder.ts';
import { formatType } from '../../ir/graph.ts';
import { broadcastShapes } from '../../ir/shape.ts';
import { refuse, requireFloat, takeInputs } from '../check.ts';

export const matmulShapes: { readonly matmul: ShapeRule<'matmul'> } = {
  matmul: (inputs, { transA, transB, dtype }) => {
    const [a, b] = takeInputs('matmul', inputs, 2);
    requireFloat('matmul', 'first input', a!);
    if (a!.dtype !== b!.dtype) refuse('matmul', `inputs must have one dtype, got ${formatType(a!)} and ${formatType(b!)}`);
    if (a!.shape.length < 2 || b!.shape.length < 2) refuse('matmul', `rank 2 or more: ${formatType(a!)}, ${formatType(b!)}`);
    const [a0, a1] = a!.shape.slice(-2) as [number, number];
    const [b0, b1] = b!.shape.slice(-2) as [number, number];
    const [m, k] = transA ? [a1, a0] : [a0, a1];
    const [k2, n] = transB ? [b1, b0] : [b0, b1];
    if (k !== k2) refuse('matmul', `inner sizes ${k} and ${k2} differ: ${formatType(a!)}, ${formatType(b!)}`);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    if (!batch) refuse('matmul', `leading axes do not broadcast: ${formatType(a!)}, ${formatType(b!)}`);
    return [{ dtype, shape: [...batch, m, n] }];
  },
};
