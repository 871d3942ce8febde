import { describe, expect, it } from 'vitest';
import { canGoOn, commonManner, DEFAULT_SETTINGS, draftOf, requestOf, turnsOf, withManner, withSettings, type Draft } from './draft.ts';

const draft: Draft = {
  columns: [{ kind: 'base' }],
  prompt: 'Why?',
  own: true,
  settings: { ...DEFAULT_SETTINGS, system: 'Be brief.', seed: 7, sampling: { ...DEFAULT_SETTINGS.sampling, doSample: true, minP: 0.1 } },
};
const run = { kind: 'run', runId: 'r', checkpoint: 24 } as const;
const pirate = { plain: false, system: 'You are a pirate.', rows: 80 };

describe('draft', () => {
  it('comes back whole from the request it made, with what was said before', () => {
    const turns = [{ prompt: 'Hi', answers: { base: 'Hello', 'r:24': 'Ahoy' } }];
    const both: Draft = { ...draft, columns: [run, { kind: 'base' }] };
    const request = requestOf('m', both, turns)!;
    expect(request.turns, 'answers stand in the order of the columns').toEqual([{ prompt: 'Hi', answers: ['Ahoy', 'Hello'] }]);
    const generation = { id: 'g', createdAt: '', modelId: 'm', modelName: 'm', request, answers: [], seconds: 1 };
    expect([draftOf(generation), turnsOf(generation)]).toEqual([both, turns]);
  });

  it('asks nothing without a prompt or a column, or with a setting out of range', () => {
    expect(requestOf('m', { ...draft, prompt: ' \n' })).toBeNull();
    expect(requestOf('m', { ...draft, columns: [] })).toBeNull();
    expect(requestOf('m', { ...draft, settings: { ...draft.settings, maxNewTokens: 0 } })).toBeNull();
  });

  it('has no system turn for an empty system prompt', () => {
    expect(requestOf('m', { ...draft, settings: DEFAULT_SETTINGS })!.system).toBeNull();
  });

  it('asks as the run was taught until a person sets something else', () => {
    const fresh: Draft = { columns: [run], prompt: 'Who are you?', own: false, settings: DEFAULT_SETTINGS };
    expect(requestOf('m', withManner(fresh, pirate))).toMatchObject({ system: 'You are a pirate.', plain: false });
    expect(withManner(fresh, { plain: true, system: null, rows: 3 }).settings.plain).toBe(true);
    const removed = withSettings(withManner(fresh, pirate), { ...DEFAULT_SETTINGS, system: '' });
    expect(withManner(removed, pirate).settings.system).toBe('');
    // Another seed is no word on the system prompt.
    const reseeded = withSettings(withManner(fresh, pirate), { ...DEFAULT_SETTINGS, system: pirate.system, seed: 1 });
    expect(withManner(reseeded, { ...pirate, system: 'Other' }).settings).toMatchObject({ system: 'Other', seed: 1 });
  });

  it('takes nothing over from runs that disagree or are unknown', () => {
    expect(commonManner([pirate, { ...pirate, rows: 2 }])).toEqual(pirate);
    expect(commonManner([pirate, { ...pirate, system: null }])).toBeNull();
    expect(commonManner([pirate, null])).toBeNull();
    expect(commonManner([])).toBeNull();
  });

  it('goes on only where every column has answered every turn', () => {
    const turns = [{ prompt: 'Hi', answers: { base: 'Hello', 'r:24': 'Ahoy' } }];
    expect(canGoOn(turns, [{ kind: 'base' }, run])).toBe(true);
    expect(canGoOn(turns, [{ kind: 'base' }, { ...run, checkpoint: 60 }])).toBe(false);
    expect(canGoOn([], [run])).toBe(false);
  });
});
