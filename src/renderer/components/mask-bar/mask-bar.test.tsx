// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, expect, it } from 'vitest';
import { createTranslations } from '../../i18n/translations.ts';
import { MaskBar, type MaskBarProps } from './mask-bar.tsx';

afterEach(cleanup);

function shown(props: MaskBarProps) {
  render(
    <MantineProvider>
      <I18nextProvider i18n={createTranslations()}>
        <MaskBar {...props} />
      </I18nextProvider>
    </MantineProvider>,
  );
  const bar = screen.getByRole('img');
  return {
    label: bar.getAttribute('aria-label'),
    parts: [...bar.children].map((part) => [part.getAttribute('data-state'), (part as HTMLElement).style.flexGrow]),
  };
}

it('tells counts and shares to those who cannot see it, and draws them by size', () => {
  expect(shown({ trained: 1500, masked: 480, cut: 20 })).toEqual({
    label: '1,500 tokens learned (75%), 480 masked (24%), 20 cut (1%)',
    parts: [
      ['trained', '1500'],
      ['masked', '480'],
      ['cut', '20'],
    ],
  });
});

it('says so where nothing is learned, and where there is nothing', () => {
  expect(shown({ trained: 0, masked: 7, cut: 0 }).label).toBe('0 tokens learned (0%), 7 masked (100%)');
  cleanup();
  expect(shown({ trained: 0, masked: 0, cut: 0 })).toEqual({ label: '0 tokens learned (0%)', parts: [] });
});
