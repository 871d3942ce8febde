import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { bf16ToF32, bytesToF32, f16ToF32, f32ToBf16, f32ToBytes, f32ToF16 } from './dtype.ts';
import { openSafetensors, readTensorBytes } from './safetensors.ts';

const GOLDEN = parityFixture('adapter', 'dtypes.safetensors');
const EVERY_HALF = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

async function golden(name: string): Promise<Uint8Array> {
  return readTensorBytes((await openSafetensors(GOLDEN)).tensors.get(name)!);
}

describe('float conversions', () => {
  it('round as torch does, NaN staying NaN', async () => {
    const x = bytesToF32(await golden('float'), 'F32');
    const half = new Uint16Array((await golden('half')).buffer);
    const brain = new Uint16Array((await golden('brain')).buffer);
    const ourHalf = f32ToF16(x);
    const ourBrain = f32ToBf16(x);
    const wrong: string[] = [];
    for (const [i, value] of x.entries()) {
      if (Number.isNaN(value)) {
        if ((ourHalf[i]! & 0x7fff) <= 0x7c00 || (ourBrain[i]! & 0x7fff) <= 0x7f80) wrong.push(`${i}: NaN lost`);
      } else if (ourHalf[i] !== half[i] || ourBrain[i] !== brain[i]) {
        wrong.push(`${value}: ${ourHalf[i]} ${half[i]}, ${ourBrain[i]} ${brain[i]}`);
      }
    }
    expect(x.length).toBe(6000);
    expect(wrong).toEqual([]);
  });

  it('widen exactly: every half and bfloat16 comes back as itself', () => {
    const isHalfNan = (bits: number): boolean => (bits & 0x7fff) > 0x7c00;
    const isBrainNan = (bits: number): boolean => (bits & 0x7fff) > 0x7f80;
    const half = f32ToF16(f16ToF32(EVERY_HALF));
    const brain = f32ToBf16(bf16ToF32(EVERY_HALF));
    expect(EVERY_HALF.filter((bits) => (isHalfNan(bits) ? !isHalfNan(half[bits]!) : half[bits] !== bits))).toHaveLength(0);
    expect(EVERY_HALF.filter((bits) => (isBrainNan(bits) ? !isBrainNan(brain[bits]!) : brain[bits] !== bits))).toHaveLength(0);
  });

  it('gives the values that the formats define', () => {
    expect([...f16ToF32(Uint16Array.of(0x0001, 0x03ff, 0x0400, 0x7bff, 0xfc00))]).toEqual([2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -Infinity]);
    expect(f32ToF16(Float32Array.of(65519.996, 65520, 2 ** -25, 2 ** -25 * 1.001, -0))).toEqual(Uint16Array.of(0x7bff, 0x7c00, 0, 1, 0x8000));
  });

  it('reads bytes that start anywhere', () => {
    const padded = new Uint8Array(17);
    padded.set(f32ToBytes(Float32Array.of(1, -2, 3.5, 0), 'F32'), 1);
    expect([...bytesToF32(padded.subarray(1), 'F32')]).toEqual([1, -2, 3.5, 0]);
    expect([...bytesToF32(f32ToBytes(Float32Array.of(0.1), 'F64'), 'F64')]).toEqual([Math.fround(0.1)]);
  });
});
