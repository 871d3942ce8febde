/**
 * @file Reductions whose innermost axis is kept (bias and norm gradients): 32 threads stand side by side on columns, 8 walk down,
 * and their sums meet in shared memory in a fixed order. Long columns come already cut into parts (schedule/long-reductions.ts).
 */
import { elementCount } from '../../../ir/shape.ts';
import { isArgmax, type ReduceNode } from '../op-traits.ts';
import type { Evaluator, EvaluatorSource } from './evaluator.ts';
import { generate, widestLanes, type GeneratedKernel, type Written } from './generated-kernel.ts';
import { rootIndex, type Index } from './index-expression.ts';
import { f32Literal } from './kernel-text.ts';
import { lane, rounded, type Lanes } from './lanes.ts';
import { accumulate, combine, empty, identity, type Partial } from './reduce-registers.ts';
import { reducedAxes } from './row-kernel.ts';

const WIDE = 32;
const DEEP = 8;
/** Rows in flight a thread. */
const UNROLL = 4;

export function columnKernel(source: EvaluatorSource, node: ReduceNode): GeneratedKernel {
  const output = node.outputs[0]!;
  const { shape } = source.graph.values[node.inputs[0]!]!.type;
  const axes = reducedAxes(node);
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  const columns = elementCount(kept);
  const widest = Math.min(4, widestLanes(source, [node.inputs[0]!], columns));
  return generate('column', source, widest, (e) => writeColumns(e, node, columns, output));
}

function writeColumns(e: Evaluator, node: ReduceNode, columns: number, output: number): Written {
  const { k, lanes } = e;
  const tid = k.pure('mov.u32', 'r', '%tid.x');
  const across = k.pure('and.b32', 'r', tid, String(WIDE - 1));
  const down = k.pure('shr.u32', 'r', tid, String(Math.log2(WIDE)));
  const block = k.pure('mov.u32', 'r', '%ctaid.x');
  const vector = k.pure('mad.lo.s32', 'r', block, String(WIDE), across);
  const register = lanes === 1 ? vector : k.pure('mul.lo.s32', 'r', vector, String(lanes));
  const inside = columns % (WIDE * lanes) === 0 ? null : k.pure('setp.lt.u32', 'p', register, String(columns));
  const column = rootIndex({ name: 'column', register, limit: columns, lanes: true });
  const running = walkDown(e, node, column, down, inside);
  // Shared memory holds [DEEP][WIDE * lanes] floats, and as many indices for argmax.
  const floats = DEEP * WIDE * lanes;
  const slots = k.shared(floats * 4 * (isArgmax(node) ? 2 : 1));
  const place = k.pure('mad.lo.s32', 'r', tid, String(lanes * 4), k.pure('mov.u32', 'r', 'smem'));
  running.forEach((part, l) => {
    k.emit(`st.shared.f32 [${place}+${slots + l * 4}], ${part.value};`);
    if (part.index) k.emit(`st.shared.b32 [${place}+${slots + (floats + l) * 4}], ${part.index};`);
  });
  k.emit('bar.sync 0;');
  const top = k.pure('setp.eq.s32', 'p', down, '0');
  const totals = running.map((start, l) => {
    let part = start;
    for (let row = 1; row < DEEP; row++) {
      const offset = slots + (row * WIDE * lanes + l) * 4;
      const value = k.register('f');
      const index = part.index ? k.register('r') : null;
      // Only the top threads' sums are used; the others would read past the end.
      k.emit(`mov.f32 ${value}, ${f32Literal(0)};`);
      k.emit(`@${top} ld.shared.f32 ${value}, [${place}+${offset}];`);
      if (index) {
        k.emit(`mov.b32 ${index}, 0;`);
        k.emit(`@${top} ld.shared.b32 ${index}, [${place}+${offset + floats * 4}];`);
      }
      part = combine(k, node.op, part, { value, index });
    }
    return part;
  });
  const { dtype } = e.type(output);
  const result: Lanes = { dtype, registers: totals.map((part) => part.index ?? rounded(k, dtype, part.value)) };
  e.store(output, result, column, e.both(top, inside));
  return { grid: [Math.ceil(columns / (WIDE * lanes)), 1, 1], threads: WIDE * DEEP };
}

/** This thread's share of its columns: every DEEP-th row, UNROLL of them in flight. */
function walkDown(e: Evaluator, node: ReduceNode, column: Index, down: string, inside: string | null): readonly Partial[] {
  const { k, lanes } = e;
  const { shape } = e.type(node.inputs[0]!);
  const axes = reducedAxes(node);
  const length = elementCount(shape.filter((_, axis) => axes.includes(axis)));
  const running = Array.from({ length: lanes }, () => empty(k, node.op));
  if (length === 0) return running;
  const unroll = length > DEEP ? UNROLL : 1;
  const counter = k.register('r');
  const [loop, end] = [k.label(), k.label()];
  const done = k.register('p');
  k.emit(`mov.b32 ${counter}, ${down};`);
  k.place(loop);
  k.emit(`setp.ge.u32 ${done}, ${counter}, ${length};`);
  k.emit(`@${done} bra ${end};`);
  k.scope(() => {
    const values = Array.from({ length: unroll }, (_, u) => {
      const register = u === 0 ? counter : k.pure('add.s32', 'r', counter, String(u * DEEP));
      const exists = u === 0 || length % (DEEP * unroll) === 0 ? null : k.pure('setp.lt.u32', 'p', register, String(length));
      const guard = e.both(inside, exists);
      const element = rootIndex({ name: register, register, limit: length, lanes: false });
      const value = e.value(node.inputs[0]!, inputIndex(e, node, column, element), guard);
      return { value, exists, register };
    });
    for (const { value, exists, register } of values) {
      for (let l = 0; l < lanes; l++) {
        const counted = exists ? k.pure('selp.f32', 'f', lane(value, l), identity(node.op), exists) : lane(value, l);
        accumulate(k, node.op, running[l]!, { value: counted, index: isArgmax(node) ? register : null });
      }
    }
  });
  k.emit(`add.s32 ${counter}, ${counter}, ${DEEP * unroll};`);
  k.emit(`bra ${loop};`);
  k.place(end);
  return running;
}

function inputIndex(e: Evaluator, node: ReduceNode, column: Index, element: Index): readonly Index[] {
  const { shape } = e.type(node.inputs[0]!);
  const axes = reducedAxes(node);
  const of = (wanted: boolean) => shape.filter((_, axis) => axes.includes(axis) === wanted);
  const kept = e.split(column, of(false));
  const reduced = e.split(element, of(true));
  return shape.map((_, axis) => (axes.includes(axis) ? reduced.shift()! : kept.shift()!));
}
