/** @file A value in registers: one register a lane, or one for all lanes; conversions between the dtypes and f32. */
import type { DType } from '../../../ir/dtype.ts';
import { f32Literal, type KernelText } from './kernel-text.ts';

/** f32, f16 and bf16 values are f32 registers (rounded to their dtype), i32 is a 32-bit integer, bool a predicate. */
export interface Lanes {
  readonly dtype: DType;
  /** As many as the kernel has lanes, or one where all lanes share it. */
  readonly registers: readonly string[];
}

export function lane(value: Lanes, index: number): string {
  return value.registers.length === 1 ? value.registers[0]! : value.registers[index]!;
}

/** One result a lane of the inputs; a single one where they all share theirs. */
export function mapLanes(dtype: DType, inputs: readonly Lanes[], make: (...registers: string[]) => string): Lanes {
  const count = Math.max(...inputs.map((input) => input.registers.length));
  return { dtype, registers: Array.from({ length: count }, (_, l) => make(...inputs.map((input) => lane(input, l)))) };
}

/** The 16 bits of `x` rounded to nearest even. */
export function halfBits(k: KernelText, dtype: 'f16' | 'bf16', x: string): string {
  return k.remember(`half ${dtype} ${x}`, () => k.pure(dtype === 'bf16' ? 'cvt.rn.bf16.f32' : 'cvt.rn.f16.f32', 'h', x));
}

/** f32 of 16 bits. */
export function widen(k: KernelText, dtype: 'f16' | 'bf16', half: string): string {
  const wide =
    dtype === 'f16' ? k.pure('cvt.f32.f16', 'f', half) : k.pure('mov.b32', 'f', k.pure('mov.b32', 'r', `{${k.pure('mov.b16', 'h', '0')}, ${half}}`));
  k.remember(`half ${dtype} ${wide}`, () => half);
  return wide;
}

/** Rounds an f32 result to `dtype`, so that a value is the same whether a kernel keeps it or stores it. */
export function rounded(k: KernelText, dtype: DType, x: string): string {
  return dtype === 'f16' || dtype === 'bf16' ? widen(k, dtype, halfBits(k, dtype, x)) : x;
}

export function literalOf(k: KernelText, dtype: DType, value: number): string {
  if (dtype === 'i32') return k.pure('mov.b32', 'r', String(Math.trunc(value)));
  if (dtype === 'bool') return k.pure('setp.ne.s32', 'p', k.pure('mov.b32', 'r', value === 0 ? '0' : '1'), '0');
  return rounded(k, dtype, k.pure('mov.f32', 'f', f32Literal(value)));
}

export function castRegister(k: KernelText, from: DType, to: DType, x: string): string {
  if (from === to) return x;
  if (to === 'bool') return from === 'i32' ? k.pure('setp.ne.s32', 'p', x, '0') : k.pure('setp.neu.f32', 'p', x, f32Literal(0));
  if (to === 'i32') return from === 'bool' ? k.pure('selp.s32', 'r', '1', '0', x) : k.pure('cvt.rzi.s32.f32', 'r', x);
  if (from === 'bool') return k.pure('selp.f32', 'f', f32Literal(1), f32Literal(0), x);
  return rounded(k, to, from === 'i32' ? k.pure('cvt.rn.f32.s32', 'f', x) : x);
}

export function select(k: KernelText, dtype: DType, condition: string, a: string, b: string): string {
  if (a === b) return a;
  if (dtype === 'i32') return k.pure('selp.b32', 'r', a, b, condition);
  if (dtype !== 'bool') return k.pure('selp.f32', 'f', a, b, condition);
  const other = k.pure('and.pred', 'p', k.pure('not.pred', 'p', condition), b);
  return k.pure('or.pred', 'p', k.pure('and.pred', 'p', condition, a), other);
}
