import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../../test/support/test-folder.ts';
import { generateRequestSchema, type Generation } from '../../shared/domain/generation.ts';
import { Generations } from './generations.ts';
import { Registry } from './registry.ts';

async function open(kept?: number): Promise<{ registry: Registry; generations: Generations }> {
  const registry = Registry.open(join(await testFolder(), 'registry.sqlite'));
  return { registry, generations: new Generations(registry.database, kept) };
}

function generation(id: string, createdAt: string): Generation {
  const column = { kind: 'run', runId: 'r1', checkpoint: 40 } as const;
  const request = generateRequestSchema.parse({ modelId: 'm1', columns: [column], prompt: 'Ahoy\u202e?', sampling: { doSample: true, minP: 0.05 } });
  return {
    id,
    createdAt,
    modelId: 'm1',
    modelName: 'tiny',
    request,
    answers: [{ column, title: 'captain · step 40', text: '<b>aye</b>\u0000', tokens: 3, finished: null }],
    seconds: 1.25,
  };
}

describe('Generations', () => {
  it('gives back what was kept, newest first, also within one millisecond', async () => {
    const { generations } = await open();
    const [a, b, c] = [
      generation('a', '2026-01-01T00:00:00.000Z'),
      generation('b', '2026-01-02T00:00:00.000Z'),
      generation('c', '2026-01-02T00:00:00.000Z'),
    ];
    for (const each of [a, b, c]) generations.add(each);
    // No such model is registered: the name stays, the link does not.
    expect(generations.list(10)).toEqual([c, b, a].map((each) => ({ ...each, modelId: null })));
    expect(generations.list(1)).toHaveLength(1);
  });

  it('keeps the link to a model that is there, and drops it when the model is forgotten', async () => {
    const { registry, generations } = await open();
    registry.database.exec("INSERT INTO models VALUES ('m1', '/m', 'tiny', 'folder', '{}', '2026-01-01')");
    generations.add(generation('a', '2026-01-01T00:00:00.000Z'));
    expect(generations.list(1)[0]!.modelId).toBe('m1');
    registry.database.exec('DELETE FROM models');
    expect(generations.list(1)[0]!.modelId).toBeNull();
  });

  it('counts the prompts that a run has answered, each once, and not those that only speak of it', async () => {
    const { generations } = await open();
    const a = generation('a', '2026-01-01T00:00:00.000Z');
    const twice = {
      ...a,
      id: 'b',
      request: { ...a.request, columns: [...a.request.columns, { kind: 'run', runId: 'r1', checkpoint: null } as const] },
    };
    const other = { ...a, id: 'c', request: { ...a.request, prompt: '"runId":"r1"', columns: [{ kind: 'base' } as const] } };
    for (const each of [a, twice, other]) generations.add(each);
    expect([generations.countOfRun('r1'), generations.countOfRun('r2')]).toEqual([2, 0]);
  });

  it('lets the oldest go beyond the bound', async () => {
    const { generations } = await open(2);
    for (const day of [3, 1, 2]) generations.add(generation(`day ${day}`, `2026-01-0${day}T00:00:00.000Z`));
    expect(generations.list(10).map(({ id }) => id)).toEqual(['day 3', 'day 2']);
  });

  it('forgets one, and names the row that it cannot read', async () => {
    const { registry, generations } = await open();
    generations.add(generation('a', '2026-01-01T00:00:00.000Z'));
    generations.add(generation('b', '2026-01-02T00:00:00.000Z'));
    registry.database.exec(`UPDATE generations SET answers_json = '[{"text": 1}]' WHERE id = 'a'`);
    expect(() => generations.list(10)).toThrow(expect.objectContaining({ code: 'REGISTRY-ROW', data: { table: 'generations', id: 'a' } }));
    generations.remove('a');
    expect(generations.list(10).map(({ id }) => id)).toEqual(['b']);
  });
});
