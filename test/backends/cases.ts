import { coreCases } from './cases/core-cases.ts';
import { fusedCases } from './cases/fused-cases.ts';
import { withGradients, type OpCase } from './op-case.ts';

/** One table for every backend: each op, odd sizes, every dtype it is used with. */
export const opCases: readonly OpCase[] = [...coreCases, ...fusedCases];

/** The backward pass of every case that has one. */
export const gradientCases: readonly OpCase[] = opCases.filter(({ wrt }) => wrt.length > 0).map(withGradients);
