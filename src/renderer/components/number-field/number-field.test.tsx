// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, expect, it, vi } from 'vitest';
import { createTranslations } from '../../i18n/translations.ts';
import { NumberField, type NumberFieldProps, shownOf } from './number-field.tsx';

afterEach(cleanup);

function show(props: Partial<NumberFieldProps> = {}) {
  const onChange = vi.fn();
  const onCommit = vi.fn();
  let set: (value: number | string | null) => void = () => undefined;
  function Owner() {
    const [value, setValue] = useState<number | string | null>(props.value ?? null);
    set = setValue;
    return (
      <NumberField label="Rate" kind={KIND} {...props} value={value} onCommit={onCommit} onChange={(next) => (setValue(next), onChange(next))} />
    );
  }
  render(
    <MantineProvider>
      <I18nextProvider i18n={createTranslations()}>
        <Owner />
      </I18nextProvider>
    </MantineProvider>,
  );
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'Rate' });
  return {
    input,
    onChange,
    onCommit,
    set: (value: number | null) => set(value),
    type: (text: string) => [...text].forEach((_, i) => fireEvent.change(input, { target: { value: text.slice(0, i + 1) } })),
  };
}

const KIND = {};

it.each([
  ['2e-4', 0.0002],
  ['.0003', 0.0003],
  ['1e-5', 0.00001],
  ['1,5', 1.5],
  ['0.0002', 0.0002],
])('typed key by key, %s stays as typed and is %d', (text, value) => {
  const { input, onChange, type } = show({ value: 0.1 });
  type(text);
  expect(input.value).toBe(text);
  expect(onChange).toHaveBeenLastCalledWith(value);
  expect(screen.queryByText(/^Read as/)?.textContent ?? null).toBe(text === '0.0002' ? null : `Read as ${value === 0.00001 ? '0.00001' : value}.`);
});

it('says what it reads only where that is written otherwise: nothing beside a default of 1e-8', () => {
  const { input, type } = show({ value: 1e-8 });
  expect(input.value).toBe('1e-8');
  expect(screen.queryByText(/^Read as/)).toBeNull();
  type('2e-8 ');
  expect(screen.getByText('Read as 2e-8.')).toBeTruthy();
});

it('leaves a spelling alone where the owner keeps its number as text, as fields do that are committed later', () => {
  function Owner() {
    const [typed, setTyped] = useState('');
    return <NumberField label="Rate" kind={KIND} value={typed} onChange={(next) => setTyped(shownOf(next))} />;
  }
  render(
    <MantineProvider>
      <I18nextProvider i18n={createTranslations()}>
        <Owner />
      </I18nextProvider>
    </MantineProvider>,
  );
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'Rate' });
  for (const text of ['1_000', '2e-4', '1,5', '1,024', '５１２', '  7 ']) {
    for (let end = 1; end <= text.length; end++) {
      fireEvent.change(input, { target: { value: text.slice(0, end) } });
      expect(input.value).toBe(text.slice(0, end));
    }
  }
});

it('keeps a wrong text, says why, and hands over the text and no number', () => {
  const { input, onChange, onCommit, type } = show({ value: 3 });
  type('1,024');
  expect(input.value).toBe('1,024');
  screen.getByText('This can mean 1024 or 1.024. Write the one you mean.');
  expect(onChange).toHaveBeenLastCalledWith('1,024');
  fireEvent.blur(input);
  expect(onCommit).not.toHaveBeenCalled();
  expect(input.value).toBe('1,024');
});

it('has patience with a number that is being typed, until the field is left', () => {
  const { input, type } = show();
  fireEvent.focus(input);
  type('2e-');
  expect(screen.queryByText('This number is not finished.')).toBeNull();
  fireEvent.blur(input);
  screen.getByText('This number is not finished.');
});

it('says the bounds in words, and commits only what is within them', () => {
  const { input, onCommit, type } = show({ min: 1, max: 20 });
  type('0');
  screen.getByText('Must be at least 1.');
  type('21');
  screen.getByText('Must be at most 20.');
  fireEvent.keyDown(input, { key: 'Enter' });
  expect(onCommit).not.toHaveBeenCalled();
  type('20');
  fireEvent.keyDown(input, { key: 'Enter' });
  expect(onCommit).toHaveBeenCalledWith(20, 'enter');
});

it('shows another value that comes from outside, and steps with the arrows', () => {
  const { input, set, type } = show({ step: 0.0001 });
  type('2e-4');
  fireEvent.keyDown(input, { key: 'ArrowUp' });
  expect(input.value).toBe('0.0003');
  set(16);
  return vi.waitFor(() => expect(input.value).toBe('16'));
});
