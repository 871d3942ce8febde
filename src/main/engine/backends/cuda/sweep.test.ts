import { describe, expect, test } from 'vitest';
import { planSweep, takesSweep, type SweepSize } from './sweep.ts';

const H200 = { multiprocessors: 132, computeCapability: 90, maxSharedBytesPerBlock: 232_448, maxSharedBytesPerMultiprocessor: 233_472 };
const RTX_3060 = { multiprocessors: 28, computeCapability: 86, maxSharedBytesPerBlock: 101_376, maxSharedBytesPerMultiprocessor: 102_400 };

const size = (n: number): SweepSize => ({ n, ldg: n, ldp: 16, ldu: 16, alphaU: 1, alphaV: 1 });

describe('planSweep', () => {
  test('covers every row and column, with blocks that run at once and room for what they sum', () => {
    for (const device of [H200, RTX_3060]) {
      for (const r of [8, 16, 32, 64]) {
        for (const m of [1, 129, 2048, 8192]) {
          for (const widths of [[1], [896, 128, 128], [4864, 4864], [18_944]]) {
            const plan = planSweep(m, r, widths.map(size), device);
            expect(plan.subs * Math.max(16, r)).toBeLessThanOrEqual(128);
            widths.forEach((n, i) => expect(plan.chunks[i]! * plan.subs * 64).toBeGreaterThanOrEqual(n));
            expect(plan.splits * plan.tiles * 128).toBeGreaterThanOrEqual(m);
            expect((plan.splits - 1) * plan.tiles * 128).toBeLessThan(m);
            const across = plan.chunks.reduce((a, b) => a + b);
            expect(across * plan.splits).toBeLessThanOrEqual(Math.max(2 * device.multiprocessors, across));
            const least = widths.reduce(
              (sum, n, i) => sum + (plan.chunks[i]! > 1 ? plan.chunks[i]! * m * r : 0) + (plan.splits > 1 ? plan.splits * n * r : 0),
              0,
            );
            expect(plan.workspaceBytes).toBeGreaterThanOrEqual(4 * least);
          }
        }
      }
    }
  });

  test('takes ranks that come in 16 bytes and whose tiles fit the card', () => {
    expect([8, 16, 24, 64].map((r) => takesSweep(r, H200))).toEqual([true, true, true, true]);
    expect([4, 12, 72].map((r) => takesSweep(r, H200))).toEqual([false, false, false]);
    expect([16, 32, 64].map((r) => takesSweep(r, RTX_3060))).toEqual([true, true, false]);
  });
});
