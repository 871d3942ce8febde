// @vitest-environment happy-dom
import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from './draft.ts';
import { loadBench, saveBench } from './kept-draft.ts';

beforeEach(() => sessionStorage.clear());

const bench = {
  query: 'runs=a',
  modelId: 'm',
  draft: {
    columns: [{ kind: 'base' }, { kind: 'run', runId: 'a', checkpoint: 24 }],
    prompt: 'Who?',
    own: true,
    settings: { ...DEFAULT_SETTINGS, system: 'Be brief.' },
  },
} as const;

it('columns, prompt and settings come back at the same address, and at one that asks for nothing', () => {
  saveBench(bench);
  expect(loadBench('runs=a')).toEqual(bench);
  expect(loadBench('')).toEqual(bench);
  // A link from another run begins anew.
  expect(loadBench('runs=b')).toBeNull();
});

it('what cannot be read is nothing', () => {
  expect(loadBench('')).toBeNull();
  sessionStorage.setItem('tunesmith-compare', '{"query":"","modelId":3}');
  expect(loadBench('')).toBeNull();
});
