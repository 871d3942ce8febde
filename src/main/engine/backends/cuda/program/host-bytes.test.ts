import { describe, expect, it } from 'vitest';
import { hostBytes, hostTensor, roundedFor } from './host-bytes.ts';

const shape = [3] as const;
const f32 = { dtype: 'f32', shape, data: Float32Array.of(1, -0.5, 1.00390625) } as const;

describe('values of a state', () => {
  it('f32 values of a bf16 state are rounded to nearest even', () => {
    const rounded = roundedFor({ dtype: 'bf16', shape }, f32);
    expect(rounded).toEqual({ dtype: 'bf16', shape, data: Uint16Array.of(0x3f80, 0xbf00, 0x3f80) });
  });

  it('other tensors are left alone, and a wrong dtype is refused by name', () => {
    expect(roundedFor({ dtype: 'f32', shape }, f32)).toBe(f32);
    expect(() => hostBytes('State "x"', roundedFor({ dtype: 'i32', shape }, f32), { dtype: 'i32', shape })).toThrow(
      'State "x" must be i32[3], got f32[3]',
    );
  });

  it('bytes come back as the tensor they were', () => {
    expect(hostTensor(f32, hostBytes('x', f32, f32))).toEqual(f32);
  });
});
