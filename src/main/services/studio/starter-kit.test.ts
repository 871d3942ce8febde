import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { Registry } from '../../registry/registry.ts';
import { createServices, type Services } from '../services.ts';

const RESOURCES = join(import.meta.dirname, '..', '..', '..', '..', 'resources');

async function studio(): Promise<{ readonly root: string; readonly open: () => Services }> {
  const root = await testFolder();
  const data = { root, datasets: join(root, 'datasets'), runs: join(root, 'runs'), cache: join(root, 'cache') };
  return {
    root,
    open: () => createServices({ data, registry: Registry.open(join(root, 'registry.sqlite')), resources: RESOURCES, host: 'browser', version: '0' }),
  };
}

describe('StarterKit', () => {
  it('registers model and dataset once, also when asked twice at a time and by two processes', async () => {
    const { open } = await studio();
    const [one, two] = [open(), open()];
    const [a, b, c] = await Promise.all([one.starter.open(), one.starter.open(), two.starter.open()]);
    expect([b.dataset.id, c.dataset.id]).toEqual([a.dataset.id, a.dataset.id]);
    expect([b.model.id, c.model.id]).toEqual([a.model.id, a.model.id]);
    expect(one.datasets.list()).toHaveLength(1);
    expect(one.models.list()).toHaveLength(1);
    expect(a.model).toMatchObject({ source: 'starter', state: { kind: 'usable' } });
    expect(a.dataset.version.badRows).toBe(0);
    expect(a.settings).toMatchObject({ max_length: 256, learning_rate: 0.0015, lora: { r: 16 } });
    expect(a.settings).not.toHaveProperty('model');
    expect(a.prompts[0]).toBe('What does a fox eat?');
  });

  it('brings back what was removed, and keeps the name a person gave', async () => {
    const { open } = await studio();
    const services = open();
    const first = await services.starter.open();
    services.datasets.rename(first.dataset.id, 'Mine');
    expect((await services.starter.open()).dataset.name).toBe('Mine');
    await services.datasets.remove(first.dataset.id);
    services.models.forget(first.model.id);
    const again = await services.starter.open();
    expect(again.dataset.id).not.toBe(first.dataset.id);
    expect(services.datasets.list()).toHaveLength(1);
    expect(services.models.list()).toHaveLength(1);
  });
});
