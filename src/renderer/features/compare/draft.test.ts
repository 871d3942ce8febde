import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, draftOf, requestOf, type Draft } from './draft.ts';

const draft: Draft = { columns: [{ kind: 'base' }], prompt: 'Why?', settings: { ...DEFAULT_SETTINGS, system: 'Be brief.', seed: 7, sampling: { ...DEFAULT_SETTINGS.sampling, doSample: true, minP: 0.1 } } };

describe('draft', () => {
  it('comes back whole from the request it made', () => {
    const request = requestOf('m', draft)!;
    expect(draftOf({ id: 'g', createdAt: '', modelId: 'm', modelName: 'm', request, answers: [], seconds: 1 })).toEqual(draft);
  });

  it('asks nothing without a prompt or a column, or with a setting out of range', () => {
    expect(requestOf('m', { ...draft, prompt: ' \n' })).toBeNull();
    expect(requestOf('m', { ...draft, columns: [] })).toBeNull();
    expect(requestOf('m', { ...draft, settings: { ...draft.settings, maxNewTokens: 0 } })).toBeNull();
  });

  it('has no system turn for an empty system prompt', () => {
    expect(requestOf('m', { ...draft, settings: DEFAULT_SETTINGS })!.system).toBeNull();
  });
});
