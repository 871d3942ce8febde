import { describe, expect, it } from 'vitest';
import { patternProblem, valueForPath } from './pattern-key.ts';

describe('valueForPath', () => {
  it.each([
    ['q_proj', 5],
    ['layers.1.self_attn.q_proj', 5],
    ['proj', 1],
    ['model.layers.1.self_attn.q_proj', 5],
    [String.raw`.*\.0\.self_attn\.q_proj`, 1],
    [String.raw`layers\.(0|1)\.self_attn\.[kq]_proj`, 5],
    [String.raw`(?:.*\.)?layers\.1\..*`, 5],
    [String.raw`layers\.(?:0|2)\..*`, 1],
    ['self_attn', 1],
  ])('%s gives %d', (pattern, value) => {
    expect(patternProblem(pattern)).toBeNull();
    expect(valueForPath({ [pattern]: 5 }, 'model.layers.1.self_attn.q_proj', 1)).toBe(value);
  });

  it('takes the first pattern that matches', () => {
    expect(valueForPath({ q_proj: 2, 'self_attn.q_proj': 3 }, 'self_attn.q_proj', 1)).toBe(2);
  });
});

describe('patternProblem', () => {
  it.each(['(a+)+', '(a|a)*b', String.raw`(a)\1`, '(?=a)', '(?:a+)+', '(?:a?)?(?:a?)?(?:a?)?(?:a?)?', 'a*a*a*a*', '(', 'a'.repeat(201)])(
    'refuses %s',
    (pattern) => {
      expect(patternProblem(pattern)).not.toBeNull();
    },
  );
});
