/** @file Rows written (`set`) or added (`add`) at given places of a tensor that already holds the base. No atomics. */
import type { Node, ValueId } from '../../../ir/graph.ts';
import { elementCount } from '../../../ir/shape.ts';
import type { Evaluator, EvaluatorSource } from './evaluator.ts';
import { generate, widestLanes, type GeneratedKernel, type Written } from './generated-kernel.ts';
import { addIndex, rootIndex, scaleIndex, type Index } from './index-expression.ts';
import { lane, rounded, type Lanes } from './lanes.ts';

const THREADS = 256;

/** Writes into the node's output, which starts as a copy of the base (or is the base's own memory). */
export function scatterKernel(source: EvaluatorSource, node: Node<'scatter'>): GeneratedKernel {
  const [base, , updates] = node.inputs as [ValueId, ValueId, ValueId];
  const width = elementCount(source.graph.values[base]!.type.shape.slice(1));
  const widest = Math.min(4, widestLanes(source, [updates], width));
  return generate(`scatter_${node.params.mode}`, source, widest, (e) =>
    node.params.mode === 'set' ? writeSet(e, node, width) : writeAdd(e, node, width),
  );
}

interface Places {
  readonly rows: number;
  readonly limit: number;
  readonly out: ValueId;
  readonly index: ValueId;
  readonly updates: ValueId;
}

function places(e: Evaluator, node: Node<'scatter'>): Places {
  const [base, index, updates] = node.inputs as [ValueId, ValueId, ValueId];
  return { rows: e.type(index).shape[0]!, limit: e.type(base).shape[0]!, out: node.outputs[0]!, index, updates };
}

/** A row number out of range is undefined behaviour in a graph; here it lands in the last row, so that no kernel faults. */
function targetRow(e: Evaluator, index: ValueId, row: Index, limit: number, name: string): Index {
  const found = e.value(index, [row], null).registers[0]!;
  const register = e.k.pure('min.u32', 'r', found, String(limit - 1));
  return rootIndex({ name, register, limit, lanes: false });
}

function writeSet(e: Evaluator, node: Node<'scatter'>, width: number): Written {
  const { k, lanes } = e;
  const { rows, limit, out, index, updates } = places(e, node);
  const count = rows * width;
  const thread = k.pure('mad.lo.s32', 'r', k.pure('mov.u32', 'r', '%ctaid.x'), String(THREADS), k.pure('mov.u32', 'r', '%tid.x'));
  const register = k.pure('mul.lo.s32', 'r', thread, String(lanes));
  k.emit(`@${k.pure('setp.ge.u32', 'p', register, String(count))} ret;`);
  const position = rootIndex({ name: 'i', register, limit: count, lanes: true });
  const [row, column] = e.split(position, [rows, width]) as [Index, Index];
  const target = targetRow(e, index, row, limit, 'target');
  e.readElsewhere.add(index).add(updates);
  e.store(out, e.valueAt(updates, position, null), addIndex(scaleIndex(target, width), column), null);
  return { grid: [Math.ceil(count / (THREADS * lanes)), 1, 1], threads: THREADS };
}

/**
 * A block a row of updates. The first row with a target adds all rows with that target, in ascending order, in f32; the blocks of
 * later duplicates leave at once.
 */
function writeAdd(e: Evaluator, node: Node<'scatter'>, width: number): Written {
  const { k, lanes } = e;
  const { rows, limit, out, index, updates } = places(e, node);
  e.readElsewhere.add(index).add(updates);
  const tid = k.pure('mov.u32', 'r', '%tid.x');
  const own = k.pure('mov.u32', 'r', '%ctaid.x');
  const ownRow = rootIndex({ name: 'own', register: own, limit: rows, lanes: false });
  const target = targetRow(e, index, ownRow, limit, 'target');
  const wanted = target.terms.length === 0 ? k.pure('mov.b32', 'r', '0') : target.terms[0]!.root.register;
  leaveIfDuplicate(e, { index, limit, rows, own, tid, wanted });
  const column = k.register('r');
  const [loop, end] = [k.label(), k.label()];
  k.emit(`mul.lo.s32 ${column}, ${tid}, ${lanes};`);
  const done = k.register('r');
  k.emit(`mov.b32 ${done}, 0;`);
  const finished = k.register('p');
  k.place(loop);
  k.emit(`setp.ge.u32 ${finished}, ${done}, ${width};`);
  k.emit(`@${finished} bra ${end};`);
  k.scope(() => {
    const inside = k.pure('setp.lt.u32', 'p', column, String(width));
    const at = rootIndex({ name: column, register: column, limit: width, lanes: true });
    const place = addIndex(scaleIndex(target, width), at);
    const dtype = e.type(out).dtype;
    const start = e.readBack(out, place, inside);
    const running = Array.from({ length: lanes }, (_, l) => {
      const register = k.register(dtype === 'i32' ? 'r' : 'f');
      k.emit(`mov.b32 ${register}, ${lane(start, l)};`);
      return register;
    });
    const addRow = (row: Index) => {
      const value = e.valueAt(updates, addIndex(scaleIndex(row, width), at), inside);
      running.forEach((register, l) => k.emit(`add${dtype === 'i32' ? '.s32' : '.rn.f32'} ${register}, ${register}, ${lane(value, l)};`));
    };
    addRow(ownRow);
    addLater(e, { index, limit, rows, own, tid, wanted }, addRow);
    const result: Lanes = { dtype, registers: running.map((register) => (dtype === 'i32' ? register : rounded(k, dtype, register))) };
    e.store(out, result, place, inside);
  });
  k.emit(`add.s32 ${column}, ${column}, ${THREADS * lanes};`);
  k.emit(`add.s32 ${done}, ${done}, ${THREADS * lanes};`);
  k.emit(`bra ${loop};`);
  k.place(end);
  return { grid: [rows, 1, 1], threads: THREADS };
}

interface Search {
  readonly index: ValueId;
  readonly limit: number;
  readonly rows: number;
  readonly own: string;
  readonly tid: string;
  readonly wanted: string;
}

/** A predicate: update row `register` exists and has the wanted target. */
function hasTarget(e: Evaluator, search: Search, register: string, bound: string): string {
  const exists = e.k.pure('setp.lt.u32', 'p', register, bound);
  const row = rootIndex({ name: register, register, limit: search.rows, lanes: false });
  const found = e.value(search.index, [row], search.rows === 1 ? null : exists).registers[0]!;
  const same = e.k.pure('setp.eq.s32', 'p', e.k.pure('min.u32', 'r', found, String(search.limit - 1)), search.wanted);
  return e.k.pure('and.pred', 'p', same, exists);
}

function leaveIfDuplicate(e: Evaluator, search: Search): void {
  const { k } = e;
  const [row, any, finished, all] = [k.register('r'), k.register('p'), k.register('p'), k.register('p')];
  const [loop, end] = [k.label(), k.label()];
  k.emit(`mov.b32 ${row}, ${search.tid};`);
  k.emit(`setp.ne.s32 ${any}, ${row}, ${row};`);
  k.place(loop);
  k.emit(`setp.ge.u32 ${finished}, ${row}, ${search.own};`);
  k.emit(`@${finished} bra ${end};`);
  k.scope(() => k.emit(`or.pred ${any}, ${any}, ${hasTarget(e, search, row, search.own)};`));
  k.emit(`add.s32 ${row}, ${row}, ${THREADS};`);
  k.emit(`bra ${loop};`);
  k.place(end);
  k.emit(`bar.red.or.pred ${all}, 0, ${any};`);
  k.emit(`@${all} ret;`);
}

/** Walks the rows after `own` in blocks of THREADS; only blocks with a match are walked row by row, by all threads alike. */
function addLater(e: Evaluator, search: Search, addRow: (row: Index) => void): void {
  const { k } = e;
  const [base, mine, finished, found] = [k.register('r'), k.register('r'), k.register('p'), k.register('p')];
  const [loop, next, end] = [k.label(), k.label(), k.label()];
  const bound = String(search.rows);
  k.emit(`add.s32 ${base}, ${search.own}, 1;`);
  k.place(loop);
  k.emit(`setp.ge.u32 ${finished}, ${base}, ${bound};`);
  k.emit(`@${finished} bra ${end};`);
  k.emit(`add.s32 ${mine}, ${base}, ${search.tid};`);
  k.scope(() => k.emit(`bar.red.or.pred ${found}, 0, ${hasTarget(e, search, mine, bound)};`));
  k.emit(`@!${found} bra ${next};`);
  const [row, stop, last] = [k.register('r'), k.register('p'), k.register('r')];
  const [inner, skip] = [k.label(), k.label()];
  k.emit(`mov.b32 ${row}, ${base};`);
  k.emit(`add.s32 ${last}, ${base}, ${THREADS};`);
  k.emit(`min.u32 ${last}, ${last}, ${bound};`);
  k.place(inner);
  k.emit(`setp.ge.u32 ${stop}, ${row}, ${last};`);
  k.emit(`@${stop} bra ${next};`);
  k.scope(() => {
    k.emit(`@!${hasTarget(e, search, row, bound)} bra ${skip};`);
    addRow(rootIndex({ name: row, register: row, limit: search.rows, lanes: false }));
  });
  k.place(skip);
  k.emit(`add.s32 ${row}, ${row}, 1;`);
  k.emit(`bra ${inner};`);
  k.place(next);
  k.emit(`add.s32 ${base}, ${base}, ${THREADS};`);
  k.emit(`bra ${loop};`);
  k.place(end);
}
