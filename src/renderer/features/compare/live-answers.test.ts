import { describe, expect, it } from 'vitest';
import { generateRequestSchema, type Column, type Generation, type GenerateUpdate } from '../../../shared/domain/generation.ts';
import { liveAnswers, NO_ANSWERS, tokensPerSecond, type LiveAnswers } from './live-answers.ts';

const columns: readonly Column[] = [{ kind: 'base' }, { kind: 'run', runId: 'r', checkpoint: null }];
const asked = liveAnswers(NO_ANSWERS, { kind: 'asked', columns });
const text = (column: number, piece: string, tokens: number, finished: 'stop' | null = null): GenerateUpdate => ({
  kind: 'text',
  column,
  text: piece,
  tokens,
  finished,
});

function after(state: LiveAnswers, ...updates: readonly (readonly [number, GenerateUpdate])[]): LiveAnswers {
  return updates.reduce((live, [at, update]) => liveAnswers(live, { kind: 'update', update, at }), state);
}

const generation: Generation = {
  id: 'g',
  createdAt: '',
  modelId: 'm',
  modelName: 'm',
  seconds: 2,
  request: generateRequestSchema.parse({ modelId: 'm', columns, prompt: 'x' }),
  answers: [
    { column: columns[0]!, title: 'm', text: 'One two', tokens: 2, finished: 'stop' },
    { column: columns[1]!, title: 'r · step 9', text: 'Aye', tokens: 1, finished: 'stop' },
  ],
};

describe('liveAnswers', () => {
  it('adds pieces to their columns and lets progress go with the first words', () => {
    const live = after(
      asked,
      [0, { kind: 'progress', phase: 'loading', done: 1, total: 2 }],
      [10, text(1, 'A', 1)],
      [20, text(0, 'One', 1)],
      [30, text(1, 'ye', 2, 'stop')],
    );
    expect(live.progress).toBeNull();
    expect(live.answers['base']?.text).toBe('One');
    expect(live.answers['r:last']).toMatchObject({ text: 'Aye', tokens: 2, finished: 'stop' });
  });

  it('counts speed from the first batch, which holds tokens of unknown age', () => {
    const live = after(asked, [1000, text(0, 'a', 5)], [3000, text(0, 'b', 25)], [1000, text(1, 'a', 5)]);
    expect(tokensPerSecond(live.answers['base']!)).toBe(10);
    expect(tokensPerSecond(live.answers['r:last']!)).toBeNull();
  });

  it('ends with the record, keeps the speed, and hears nothing more', () => {
    const live = after(asked, [1000, text(0, 'One', 1)], [2000, text(0, ' two', 2)], [2100, { kind: 'done', generation }]);
    expect(live).toMatchObject({ phase: 'finished', generationId: 'g' });
    expect(live.answers['r:last']?.title).toBe('r · step 9');
    expect(tokensPerSecond(live.answers['base']!)).toBe(1);
    expect(after(live, [2200, text(0, 'late', 3)])).toBe(live);
  });

  it('keeps what was said when stopped', () => {
    const live = liveAnswers(after(asked, [1, text(0, 'One', 1)]), { kind: 'stopped' });
    expect(live).toMatchObject({ phase: 'stopped' });
    expect(live.answers['base']?.text).toBe('One');
  });

  it('restores an unfinished record as stopped', () => {
    const answers = generation.answers.map((answer) => ({ ...answer, finished: null }));
    expect(liveAnswers(NO_ANSWERS, { kind: 'restored', generation: { ...generation, answers } })).toMatchObject({
      phase: 'stopped',
      keys: ['base', 'r:last'],
    });
  });
});
