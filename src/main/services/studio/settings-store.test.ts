import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../shared/domain/settings.ts';
import { Registry } from '../../registry/registry.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { dataFolder } from '../../app/paths.ts';
import type { ServiceContext } from '../context.ts';
import { SettingsStore } from './settings-store.ts';

async function open(): Promise<{ readonly registry: Registry; readonly settings: SettingsStore; readonly again: () => SettingsStore }> {
  const data = dataFolder(await testFolder());
  const file = join(data.root, 'registry.sqlite');
  const opened = (): Registry => {
    const each = Registry.open(file);
    onTestFinished(() => each.close());
    return each;
  };
  const registry = opened();
  const context = (of: Registry): ServiceContext => ({ data, registry: of, resources: '', host: 'browser', version: '0' });
  return { registry, settings: new SettingsStore(context(registry)), again: () => new SettingsStore(context(opened())) };
}

it('keeps what was changed across restarts, and leaves the rest alone', async () => {
  const { settings, again } = await open();
  expect(settings.get()).toEqual(DEFAULT_SETTINGS);
  await settings.update({ theme: 'dark', threads: 3 });
  expect(await settings.update({ threads: null, modelFolders: ['/models'] })).toEqual({
    ...DEFAULT_SETTINGS,
    theme: 'dark',
    modelFolders: ['/models'],
  });
  expect(again().get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', modelFolders: ['/models'] });
});

it('counts what cannot be read as its default, field by field', async () => {
  const { registry, settings } = await open();
  await settings.update({ theme: 'dark', device: 'cpu' });
  const put = registry.database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)');
  put.run('theme', '"plaid"');
  put.run('threads', '{broken');
  put.run('of-a-newer-version', '1');
  expect(settings.get()).toEqual({ ...DEFAULT_SETTINGS, device: 'cpu' });
});

it('says that something changed', async () => {
  const { registry, settings } = await open();
  let heard = 0;
  onTestFinished(
    registry.changes.listen(() => {
      heard += 1;
    }),
  );
  await settings.update({ theme: 'light' });
  expect(heard).toBe(1);
});
