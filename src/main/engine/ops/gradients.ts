import type { Op } from '../ir/op-types.ts';
import { elementwiseGradients } from './core/elementwise-gradients.ts';
import { indexingGradients } from './core/indexing-gradients.ts';
import { layoutGradients } from './core/layout-gradients.ts';
import { matmulGradients } from './core/matmul-gradients.ts';
import { reduceGradients } from './core/reduce-gradients.ts';
import { fusedGradients } from './fused/fused-gradients.ts';
import { NOT_DIFFERENTIABLE, type GradientEntry } from './gradient-rule.ts';

/** How the loss's gradient goes back through every op. */
export const gradientRules: { readonly [K in Op]: GradientEntry<K> } = {
  ...elementwiseGradients,
  ...reduceGradients,
  ...matmulGradients,
  ...layoutGradients,
  ...indexingGradients,
  constant: NOT_DIFFERENTIABLE,
  iota: NOT_DIFFERENTIABLE,
  random: NOT_DIFFERENTIABLE,
  ...fusedGradients,
};
