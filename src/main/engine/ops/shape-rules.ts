import type { ShapeRules } from '../ir/builder.ts';
import { elementwiseShapes } from './core/elementwise-shapes.ts';
import { indexingShapes } from './core/indexing-shapes.ts';
import { layoutShapes } from './core/layout-shapes.ts';
import { matmulShapes } from './core/matmul-shapes.ts';
import { reduceShapes } from './core/reduce-shapes.ts';
import { sourceShapes } from './core/source-shapes.ts';
import { fusedShapes } from './fused/fused-shapes.ts';

/** What every op accepts and gives; total over `Op`. */
export const shapeRules: ShapeRules = {
  ...elementwiseShapes,
  ...reduceShapes,
  ...matmulShapes,
  ...layoutShapes,
  ...indexingShapes,
  ...sourceShapes,
  ...fusedShapes,
};
