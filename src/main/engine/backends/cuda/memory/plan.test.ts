import { describe, expect, test } from 'vitest';
import { planMemory, printPlan, type Block } from './plan.ts';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomBlocks(seed: number): readonly Block[] {
  const next = random(seed);
  return Array.from({ length: 60 }, (_, i) => {
    const first = Math.floor(next() * 40) - 1;
    return { name: `b${i}`, bytes: Math.floor(next() ** 3 * 100_000), first, last: first + Math.floor(next() * 12) };
  });
}

describe('planMemory', () => {
  test('blocks that live at the same time never share bytes', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const plan = planMemory(randomBlocks(seed));
      plan.blocks.forEach((a, i) => {
        expect(plan.offsets[i]! % 256).toBe(0);
        expect(plan.offsets[i]! + a.bytes).toBeLessThanOrEqual(Math.max(plan.arenaBytes, a.bytes === 0 ? plan.offsets[i]! : 0));
        plan.blocks.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last && a.bytes > 0 && b.bytes > 0;
          const apart = plan.offsets[i]! + a.bytes <= plan.offsets[j]! || plan.offsets[j]! + b.bytes <= plan.offsets[i]!;
          if (together) expect(apart, `${a.name} and ${b.name}, seed ${seed}`).toBe(true);
        });
      });
    }
  });

  test('a chain of equal blocks takes two places', () => {
    const chain = Array.from({ length: 10 }, (_, i) => ({ name: `${i}`, bytes: 1000, first: i, last: i + 1 }));
    expect(planMemory(chain).arenaBytes).toBe(2048);
    expect(printPlan(planMemory(chain), 1)).toContain('10 blocks');
  });
});
