/** @file Running reductions in registers, and their fixed-order combination across the threads that share a row. */
import type { ReduceNode } from '../op-traits.ts';
import { f32Literal, type KernelText } from './kernel-text.ts';

export type ReduceKind = ReduceNode['op'];

interface Reduction {
  /** What changes nothing. */
  readonly identity: number;
  /** PTX that takes one value into another; null where the index decides too. */
  readonly instruction: string | null;
}

const REDUCTIONS: { readonly [K in ReduceKind]: Reduction } = {
  sum: { identity: 0, instruction: 'add.rn.f32' },
  reduceMax: { identity: -Infinity, instruction: 'max.NaN.f32' },
  argmax: { identity: -Infinity, instruction: null },
};

/** A value, and for argmax the index it stands at. */
export interface Partial {
  readonly value: string;
  readonly index: string | null;
}

export function identityOf(kind: ReduceKind): number {
  return REDUCTIONS[kind].identity;
}

export function identity(kind: ReduceKind): string {
  return f32Literal(identityOf(kind));
}

function hasIndex(kind: ReduceKind): boolean {
  return REDUCTIONS[kind].instruction === null;
}

/** Larger than any index, so that the first real entry wins. */
const NO_INDEX = String(0x7fffffff);

export function empty(k: KernelText, kind: ReduceKind): Partial {
  const value = k.register('f');
  k.emit(`mov.f32 ${value}, ${identity(kind)};`);
  if (!hasIndex(kind)) return { value, index: null };
  const index = k.register('r');
  k.emit(`mov.b32 ${index}, ${NO_INDEX};`);
  return { value, index };
}

/** The combination in new registers; ties of argmax go to the lower index. */
export function combine(k: KernelText, kind: ReduceKind, a: Partial, b: Partial): Partial {
  const { instruction } = REDUCTIONS[kind];
  if (instruction !== null) return { value: k.pure(instruction, 'f', a.value, b.value), index: null };
  const larger = k.pure('setp.gt.f32', 'p', b.value, a.value);
  const tie = k.pure('and.pred', 'p', k.pure('setp.eq.f32', 'p', b.value, a.value), k.pure('setp.lt.s32', 'p', b.index!, a.index!));
  const takes = k.pure('or.pred', 'p', larger, tie);
  return { value: k.pure('selp.f32', 'f', b.value, a.value, takes), index: k.pure('selp.b32', 'r', b.index!, a.index!, takes) };
}

/** Takes `b` into the running registers of `a` themselves (inside a loop); nothing is remembered, since `a` changes. */
export function accumulate(k: KernelText, kind: ReduceKind, a: Partial, b: Partial): void {
  const { instruction } = REDUCTIONS[kind];
  if (instruction !== null) {
    k.emit(`${instruction} ${a.value}, ${a.value}, ${b.value};`);
    return;
  }
  const [larger, tie, lower] = [k.register('p'), k.register('p'), k.register('p')];
  k.emit(`setp.gt.f32 ${larger}, ${b.value}, ${a.value};`);
  k.emit(`setp.eq.f32 ${tie}, ${b.value}, ${a.value};`);
  k.emit(`setp.lt.s32 ${lower}, ${b.index!}, ${a.index!};`);
  k.emit(`and.pred ${tie}, ${tie}, ${lower};`);
  k.emit(`or.pred ${larger}, ${larger}, ${tie};`);
  k.emit(`selp.f32 ${a.value}, ${b.value}, ${a.value}, ${larger};`);
  k.emit(`selp.b32 ${a.index!}, ${b.index!}, ${a.index!}, ${larger};`);
}

/** Butterfly over `width` neighbouring threads of a warp: all of them end with the same bits. */
export function acrossWarp(k: KernelText, kind: ReduceKind, start: Partial, width: number): Partial {
  let result = start;
  for (let offset = width / 2; offset >= 1; offset /= 2) {
    const moved = (register: string) => {
      const target = k.register('r');
      k.emit(`shfl.sync.bfly.b32 ${target}, ${register}, ${offset}, 31, 0xffffffff;`);
      return target;
    };
    const value = k.pure('mov.b32', 'f', moved(k.pure('mov.b32', 'r', result.value)));
    result = combine(k, kind, result, { value, index: result.index === null ? null : moved(result.index) });
  }
  return result;
}

/** Over the warps of a block, in order, through shared memory; every thread gets the result. */
export function acrossWarps(k: KernelText, kind: ReduceKind, part: Partial, warps: number): Partial {
  const slots = k.shared(warps * 4 * (hasIndex(kind) ? 2 : 1));
  const base = k.pure('mov.u32', 'r', 'smem');
  const tid = k.pure('mov.u32', 'r', '%tid.x');
  const leader = k.pure('setp.eq.s32', 'p', k.pure('and.b32', 'r', tid, '31'), '0');
  const place = k.pure('mad.lo.s32', 'r', k.pure('shr.u32', 'r', tid, '5'), '4', base);
  k.emit(`@${leader} st.shared.f32 [${place}+${slots}], ${part.value};`);
  if (part.index) k.emit(`@${leader} st.shared.b32 [${place}+${slots + warps * 4}], ${part.index};`);
  k.emit('bar.sync 0;');
  const read = (warp: number): Partial => {
    const value = k.register('f');
    k.emit(`ld.shared.f32 ${value}, [${base}+${slots + warp * 4}];`);
    if (!part.index) return { value, index: null };
    const index = k.register('r');
    k.emit(`ld.shared.b32 ${index}, [${base}+${slots + (warps + warp) * 4}];`);
    return { value, index };
  };
  let result = read(0);
  for (let warp = 1; warp < warps; warp++) result = combine(k, kind, result, read(warp));
  return result;
}
