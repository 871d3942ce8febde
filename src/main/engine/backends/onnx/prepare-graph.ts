import type { Graph } from '../../ir/graph.ts';
import { shareCommonSubexpressions } from '../../ir/passes/common-subexpressions.ts';
import { removeDeadCode } from '../../ir/passes/dead-code.ts';
import { expandFused } from '../../ops/expand.ts';
import { claimedOps } from './lower/fused-lowerings.ts';

/** What is lowered: unclaimed fused ops written out, nothing computed twice or for nobody. */
export function prepareGraph(graph: Graph): Graph {
  return removeDeadCode(shareCommonSubexpressions(expandFused(graph, ({ op }) => claimedOps.has(op))));
}
