import type { ValueId } from '../../../ir/graph.ts';
import type { EvaluatorSource } from './evaluator.ts';
import { countOf } from './evaluator.ts';
import { generate, widestLanes, type GeneratedKernel } from './generated-kernel.ts';
import { rootIndex } from './index-expression.ts';

const THREADS = 256;

/** One thread a vector of elements; all `roots` have the same number of elements and are written at the same position. */
export function pointwiseKernel(source: EvaluatorSource, roots: readonly ValueId[]): GeneratedKernel {
  const count = countOf(source.graph, roots[0]!);
  return generate('point', source, widestLanes(source, roots, count), (e) => {
    const { k, lanes } = e;
    const blocks = Math.ceil(count / (THREADS * lanes));
    const thread = k.pure('mad.lo.s32', 'r', k.pure('mov.u32', 'r', '%ctaid.x'), String(THREADS), k.pure('mov.u32', 'r', '%tid.x'));
    const register = lanes === 1 ? thread : k.pure('mul.lo.s32', 'r', thread, String(lanes));
    if (count % (THREADS * lanes) !== 0) k.emit(`@${k.pure('setp.ge.u32', 'p', register, String(count))} ret;`);
    const position = rootIndex({ name: 'i', register, limit: count, lanes: true });
    e.position = position;
    const values = roots.map((id) => e.valueAt(id, position, null));
    roots.forEach((id, i) => e.store(id, values[i]!, position, null));
    return { grid: [blocks, 1, 1], threads: THREADS };
  });
}
