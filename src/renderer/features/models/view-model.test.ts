import { expect, it } from 'vitest';
import type { ModelRecord } from '../../../shared/domain/model.ts';
import { FIRST_VIEW, mainDType, shownModels } from './view-model.ts';

const broken = (name: string): ModelRecord => ({
  id: name,
  name,
  path: `/models/${name}`,
  source: 'folder',
  addedAt: '',
  state: { kind: 'unusable', error: { code: 'X', message: 'x' } },
});

it('searches name and path, leaves out what cannot be used on request, and sorts without minding case', () => {
  const models = [broken('beta'), broken('Alpha')];
  expect(shownModels(models, FIRST_VIEW).map(({ name }) => name)).toEqual(['Alpha', 'beta']);
  expect(shownModels(models, { ...FIRST_VIEW, search: 'MODELS/b' }).map(({ name }) => name)).toEqual(['beta']);
  expect(shownModels(models, { ...FIRST_VIEW, onlyUsable: true })).toEqual([]);
});

it('names the dtype of most weights', () => {
  expect(mainDType({ F32: 10, BF16: 1000 })).toBe('BF16');
});
