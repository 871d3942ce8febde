// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, expect, it, vi } from 'vitest';
import type { FolderListing } from '../../../shared/domain/system.ts';
import { createTranslations } from '../../i18n/translations.ts';
import { FolderPicker } from './folder-picker.tsx';

afterEach(cleanup);

const home: FolderListing = {
  path: '/home',
  parent: '/',
  truncated: false,
  entries: [{ name: 'rows.csv', path: '/home/rows.csv', kind: 'file', isModel: false, bytes: 3 }],
};

function show(list: (path: string | null) => Promise<FolderListing>, onChoose = vi.fn()) {
  render(
    <MantineProvider>
      <I18nextProvider i18n={createTranslations()}>
        <FolderPicker mode="file" list={list} onChoose={onChoose} />
      </I18nextProvider>
    </MantineProvider>,
  );
  return { onChoose, path: screen.getByRole<HTMLInputElement>('textbox', { name: 'Path' }) };
}

it('leaves alone the path that somebody types while the first folder is still on its way', async () => {
  let arrive: (listing: FolderListing) => void = () => undefined;
  const { onChoose, path } = show(
    () =>
      new Promise((resolve) => {
        arrive = resolve;
      }),
  );
  path.focus();
  fireEvent.change(path, { target: { value: '/tmp/mine.csv' } });
  arrive(home);
  await screen.findByText('rows.csv');
  expect(path.value).toBe('/tmp/mine.csv');
  fireEvent.submit(path);
  expect(onChoose).toHaveBeenCalledWith('/tmp/mine.csv');
});

it('goes to the folder first shown, chooses a file by click, and says why a folder cannot be listed', async () => {
  const { onChoose, path } = show((asked) => (asked === null ? Promise.resolve(home) : Promise.reject(new Error('not allowed'))));
  await waitFor(() => expect(path.value).toBe('/home'));
  fireEvent.click(screen.getByText('rows.csv'));
  expect(onChoose).toHaveBeenCalledWith('/home/rows.csv');
  fireEvent.click(screen.getByRole('button', { name: 'Folder above' }));
  await screen.findByText('not allowed');
});
