/** @file Everything that ops mean, in one place: the only file of `ops` that a transformation of graphs has to know. */
import { evaluations } from './evaluations.ts';
import { decompositions } from './fused/decompositions.ts';
import { gradientRules } from './gradients.ts';
import { shapeRules } from './shape-rules.ts';

export type { GraphBuilder } from './builder.ts';
export { NOT_DIFFERENTIABLE, type GradientRule } from './gradient-rule.ts';

export const catalog = {
  shape: shapeRules,
  evaluate: evaluations,
  gradient: gradientRules,
  decompose: decompositions,
} as const;
