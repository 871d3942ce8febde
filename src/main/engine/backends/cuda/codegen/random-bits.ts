/** @file `random` in PTX: the same u32 hash as `ops/core/counter-random.ts`, so every backend draws the same bits. */
import { f32Literal, type KernelText } from './kernel-text.ts';

function mix(k: KernelText, x: string): string {
  const folded = (value: string, shift: number) => k.pure('xor.b32', 'r', value, k.pure('shr.u32', 'r', value, String(shift)));
  const first = k.pure('mul.lo.s32', 'r', folded(x, 15), String(0x2c1b3c6d));
  const second = k.pure('mul.lo.s32', 'r', folded(first, 12), String(0x297a2d39));
  return folded(second, 15);
}

/** Uniform f32 in [0, 1) from i32 registers: the seed, the step and the element's row-major position. */
export function drawUniform(k: KernelText, seed: string, step: string, position: string, stream: number): string {
  const start = mix(k, k.pure('xor.b32', 'r', seed, String(0x9e3779b9 | 0)));
  const key = mix(k, k.pure('xor.b32', 'r', mix(k, k.pure('xor.b32', 'r', start, step)), String(stream | 0)));
  const bits = k.pure('shr.u32', 'r', mix(k, k.pure('xor.b32', 'r', mix(k, position), key)), '8');
  return k.pure('mul.rn.f32', 'f', k.pure('cvt.rn.f32.u32', 'f', bits), f32Literal(2 ** -24));
}
