import { expect, test } from 'vitest';
import { GraphBuilder } from '../ops/builder.ts';
import { livePeak } from './live-memory.ts';

const NOTHING = { during: 0, kept: 0 };

test('counts what is alive at once, worked out by hand', () => {
  const b = new GraphBuilder('chain');
  const x = b.input('x', { dtype: 'f32', shape: [100] });
  // a 400; b 400, a freed; c 400 reads b by another name, b freed: never more than two at once.
  const c = b.exp(b.reshape(b.exp(b.exp(x)), [10, 10]));
  b.output('y', c);
  expect(livePeak(b.finish(), () => NOTHING)).toBe(800);
});

test('a value that a late node reads lives until then, outputs to the end, constants never', () => {
  const b = new GraphBuilder('late');
  const x = b.input('x', { dtype: 'f32', shape: [100] });
  const early = b.exp(x);
  const chain = b.exp(b.exp(b.exp(x)));
  b.output('kept', b.add(early, b.constant(1, 'f32', [100])));
  b.output('y', b.mul(early, chain));
  // early, one of the chain, kept, y.
  expect(livePeak(b.finish(), () => NOTHING)).toBe(1600);
});

test('what a node takes while it runs ends with it; what it keeps, when another gives it back', () => {
  const b = new GraphBuilder('kept');
  b.output('y', b.neg(b.exp(b.neg(b.exp(b.input('x', { dtype: 'f32', shape: [1] }))))));
  let exps = 0;
  const peak = livePeak(b.finish(), ({ op }) =>
    op === 'exp'
      ? [
          { during: 1000, kept: 50 },
          { during: 2000, kept: -50 },
        ][exps++]!
      : NOTHING,
  );
  expect(peak).toBe(4 + 4 + 50 + 2000);
});
