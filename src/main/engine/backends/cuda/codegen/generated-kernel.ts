import { createHash } from 'node:crypto';
import type { ValueId } from '../../../ir/graph.ts';
import { byteSize } from '../../../ir/dtype.ts';
import { Evaluator, type EvaluatorSource } from './evaluator.ts';
import { NeedsFewerLanes } from './index-expression.ts';
import { KernelText } from './kernel-text.ts';

/** One launch of a generated kernel. Equal `name` means equal text: layers share kernels and differ in pointers. */
export interface GeneratedKernel {
  readonly name: string;
  readonly text: string;
  /** Values behind the pointer parameters, in order: outputs and inputs. */
  readonly pointers: readonly ValueId[];
  readonly grid: readonly [number, number, number];
  readonly threads: number;
  /** Values that some thread reads at an element another thread writes: these can not be overwritten in place. */
  readonly readElsewhere: ReadonlySet<ValueId>;
}

export interface Written {
  readonly grid: readonly [number, number, number];
  readonly threads: number;
}

/** More pointers than this leave the 4 KiB of parameters that every driver takes. */
const MAX_POINTERS = 500;

/**
 * Writes a kernel with as many lanes as its indices allow: 8, 4, 2 or 1.
 * @param write emits the body for `evaluator.lanes`; throws NeedsFewerLanes when a vector would be cut
 */
export function generate(label: string, source: EvaluatorSource, widest: number, write: (evaluator: Evaluator) => Written): GeneratedKernel {
  for (let lanes = widest; ; lanes /= 2) {
    const k = new KernelText();
    const evaluator = new Evaluator(k, lanes, source);
    try {
      const { grid, threads } = write(evaluator);
      if (evaluator.pointers.length > MAX_POINTERS) throw new Error(`internal: a kernel with ${evaluator.pointers.length} pointers`);
      const unnamed = k.finish('NAME', evaluator.pointers.length, threads);
      const name = `${label}_${createHash('sha256').update(unnamed).digest('hex').slice(0, 16)}`;
      const text = unnamed.replace('NAME', name);
      return { name, text, pointers: evaluator.pointers, grid, threads, readElsewhere: evaluator.readElsewhere };
    } catch (error) {
      if (!(error instanceof NeedsFewerLanes) || lanes === 1) throw error;
    }
  }
}

/** Lanes of 16 bytes of the narrowest dtype among `ids`, at most 8. */
export function widestLanes(source: EvaluatorSource, ids: readonly ValueId[], elements: number): number {
  const narrowest = Math.min(...ids.map((id) => byteSize(source.graph.values[id]!.type.dtype)));
  let lanes = Math.min(8, 16 / Math.max(2, narrowest));
  while (elements % lanes !== 0) lanes /= 2;
  return lanes;
}
