import { describe, expect, test } from 'vitest';
import {
  flatten,
  NeedsFewerLanes,
  offsetIndex,
  planTerms,
  regroup,
  rootIndex,
  sameIndex,
  split,
  type Index,
  type IndexRoot,
} from './index-expression.ts';

/** The number an index stands for, from its instructions. */
function valueOf(index: Index, roots: Readonly<Record<string, number>>): number {
  return planTerms(index, 1).reduce((sum, { root, div, mod, coefficient }) => {
    const digit = Math.floor(roots[root.name]! / div);
    return sum + coefficient * (mod > 0 ? digit % mod : digit);
  }, index.constant);
}

const none = (): IndexRoot => {
  throw new Error('not needed here');
};

function root(name: string, limit: number, lanes = false): IndexRoot {
  return { name, register: name, limit, lanes };
}

function naiveSplit(flat: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  let rest = flat;
  for (const size of shape.toReversed()) {
    result.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return result;
}

describe('index expressions', () => {
  test('splitting and joining again leaves the root alone', () => {
    const i = rootIndex(root('i', 8 * 1024 * 14 * 64));
    const shape = [8, 1024, 14, 64];
    expect(sameIndex(flatten(split(i, shape, none), shape), i)).toBe(true);
    const moved = regroup(split(i, shape, none), shape, [8192, 896], none);
    expect(sameIndex(flatten(moved, [8192, 896]), i)).toBe(true);
  });

  test('reshapes, transposes and slices give the element that counting gives', () => {
    const from = [4, 6, 10];
    const to = [2, 12, 2, 5];
    const i = rootIndex(root('i', 240));
    const parts = split(i, from, none);
    for (let flat = 0; flat < 240; flat++) {
      expect(parts.map((part) => valueOf(part, { i: flat }))).toEqual(naiveSplit(flat, from));
      expect(regroup(parts, from, to, none).map((part) => valueOf(part, { i: flat }))).toEqual(naiveSplit(flat, to));
    }
    const swapped = flatten([parts[1]!, parts[0]!, offsetIndex(parts[2]!, 3)], [6, 4, 13]);
    for (let flat = 0; flat < 240; flat++) {
      const [a, b, c] = naiveSplit(flat, from) as [number, number, number];
      expect(valueOf(swapped, { i: flat })).toBe((b * 4 + a) * 13 + c + 3);
    }
  });

  test('a vector may not be cut by a division', () => {
    const lanes = root('i', 96, true);
    expect(() => planTerms(split(rootIndex(lanes), [8, 12], none)[1]!, 8)).toThrow(NeedsFewerLanes);
    expect(planTerms(split(rootIndex(lanes), [8, 12], none)[1]!, 4)[0]!.lanes).toBe(true);
    expect(planTerms(split(rootIndex(lanes), [12, 8], none)[0]!, 8)[0]!.lanes).toBe(false);
  });
});
