import { expect, it } from 'vitest';
import { attachment } from './attachment.ts';

const header = (name: string) => attachment(name, 'run-1', '-adapter.zip');

it('saves under the name of the run', () => {
  expect(header('Support tone, v2')).toBe(`attachment; filename="Support tone v2-adapter.zip"; filename*=UTF-8''Support%20tone%2C%20v2-adapter.zip`);
  expect(header('plain name (3)')).toBe('attachment; filename="plain name (3)-adapter.zip"');
  expect(header('客服語氣')).toBe(`attachment; filename="run-1-adapter.zip"; filename*=UTF-8''${encodeURIComponent('客服語氣')}-adapter.zip`);
  expect(header('')).toBe('attachment; filename="run-1-adapter.zip"');
});

it('lets no name be a path, another header, or half a character', () => {
  const names = [
    '../../etc/passwd',
    '..\\..\\x',
    '/abs',
    'C:\\x',
    '.hidden',
    'a"; filename="evil.exe',
    'a\r\nSet-Cookie: x=1',
    'a\0b',
    '%2e%2e%2fx',
    '\u202Egnp.exe',
    "it's*",
    '\ud800',
    `${'x'.repeat(79)}\u{1f600}${'y'.repeat(500)}`,
  ];
  for (const name of names) {
    const value = header(name);
    expect(value, name).toMatch(/^attachment; filename="[\w .()-]+-adapter\.zip"(; filename\*=UTF-8''[\w%!.~-]+-adapter\.zip)?$/);
    expect(decodeURIComponent(value.split("''")[1] ?? ''), name).not.toMatch(/[/\\\p{C}"]|^\./u);
    expect(value.length).toBeLessThan(1000);
    expect(() => new Headers({ 'content-disposition': value })).not.toThrow();
  }
});
