import { expect, test } from 'vitest';
import { isNestedDeeper } from './json-depth.ts';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('tells what is nested deeper from what is wide, and looks into no string', () => {
  expect(isNestedDeeper(nested(500))).toBe(false);
  expect(isNestedDeeper(nested(501))).toBe(true);
  expect(isNestedDeeper(`{"a":${nested(500)}}`)).toBe(true);
  expect(isNestedDeeper(`[${'[],{},'.repeat(10_000)}[]]`)).toBe(false);
  expect(isNestedDeeper(JSON.stringify({ text: '['.repeat(10_000), quote: '\\"['.repeat(5000) }))).toBe(false);
  // A quote that an escaped backslash stands before does end its string.
  expect(isNestedDeeper(`["\\\\",${nested(500)}]`)).toBe(true);
  expect(isNestedDeeper('['.repeat(4_000_000))).toBe(true);
});
