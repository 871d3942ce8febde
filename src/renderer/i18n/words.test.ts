import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { en } from './translations.ts';

const PAGE = join(import.meta.dirname, '..');
const sources = readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(PAGE, name), 'utf8') }));

function leaves(tree: object, prefix = ''): readonly string[] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [prefix + key] : leaves(value as object, `${prefix}${key}.`)));
}

/** Texts that look like keys: `a.b`, and templates such as `status.${kind}` as patterns. */
const used = sources.flatMap(({ text }) => [...text.matchAll(/['"`]([A-Za-z][\w-]*(?:\.(?:[\w-]+|\$\{[^}]+\}))*)['"`]/g)].map(([, key]) => key!));
const patterns = [...new Set(used)].map((key) => new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]+\}/g, '[\\w-]+')}(_one|_other)?$`));

it.each(Object.entries(en))('every word of %s is used on some screen', (_namespace, words) => {
  expect(leaves(words).filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
});

it('no component has words of its own: they would stay English in every language', () => {
  const found = sources
    .filter(({ name }) => name.endsWith('.tsx'))
    .flatMap(({ name, text }) => [
      // Between tags; what is in braces is an expression.
      ...[...text.matchAll(/>([^<>{}=;()]*[A-Za-z]{2,}[^<>{}=;()]*)<\//g)].map(([, words]) => `${name}: ${words!.trim()}`),
      ...[...text.matchAll(/\b(?:aria-label|label|title|placeholder|description)="([^"]*[A-Za-z]{2,}[^"]*)"/g)].map(
        ([, words]) => `${name}: ${words!}`,
      ),
    ]);
  expect(found).toEqual([]);
});

it('plurals come in pairs', () => {
  const keys = Object.values(en).flatMap((words) => leaves(words));
  const lonely = keys.filter(
    (key) =>
      (key.endsWith('_one') && !keys.includes(key.replace(/_one$/, '_other'))) ||
      (key.endsWith('_other') && !keys.includes(key.replace(/_other$/, '_one'))),
  );
  expect(lonely).toEqual([]);
});
