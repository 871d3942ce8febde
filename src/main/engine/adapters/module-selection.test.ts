import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { NO_RESTRICTION, namesFor, selectedPaths } from './module-selection.ts';

interface Golden {
  readonly all: readonly string[];
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly target_modules: readonly string[] | string;
        readonly exclude_modules: readonly string[] | string | null;
        readonly layers_to_transform: readonly number[] | number | null;
        readonly layers_pattern: readonly string[] | string | null;
        readonly paths: readonly string[];
      }
    >
  >;
}

const { all, cases } = JSON.parse(await readFile(parityFixture('adapter-selection', 'selection.json'), 'utf8')) as Golden;

describe.each(Object.entries(cases))('%s', (_name, { paths, ...config }) => {
  it('selects the layers that PEFT adapts', () => {
    const selection = {
      targetModules: config.target_modules,
      excludeModules: config.exclude_modules,
      layersToTransform: config.layers_to_transform,
      layersPattern: config.layers_pattern,
    };
    expect(selectedPaths(selection, all)).toEqual(paths);
  });

  it('is written in names that select no more and no less', () => {
    expect(selectedPaths({ targetModules: namesFor(paths, all), ...NO_RESTRICTION }, all)).toEqual(paths);
  });
});

it('follows no pattern that may take for ever, and none where nothing is said', () => {
  expect(selectedPaths({ targetModules: '(a+)+', ...NO_RESTRICTION }, all)).toBeNull();
  expect(selectedPaths({ targetModules: ['q_proj'], ...NO_RESTRICTION, layersToTransform: 1, layersPattern: '(a+)+' }, all)).toBeNull();
  expect(selectedPaths({ targetModules: [], ...NO_RESTRICTION }, all)).toBeNull();
});
