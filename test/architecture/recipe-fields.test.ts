import { expect, it } from 'vitest';
import { describeFields } from '../../src/shared/domain/recipe/described-fields.ts';
import { isTest, sourceFiles } from './source-tree.ts';

/** Fields that no one beyond the schema reads, with the reason. */
const UNREAD: Readonly<Record<string, string>> = {};

/** Whoever computes or keeps: a form shows a field whether or not it has an effect. */
const READERS = ['src/main/engine', 'src/main/services', 'src/main/datasets', 'src/main/cli'];

/** It names the fields of earlier versions, and reads none. */
const LIST = 'src/main/engine/train/recipe-hash.ts';

it('every field of the recipe changes something', () => {
  const texts = sourceFiles(READERS)
    .filter((file) => !isTest(file) && file.path !== LIST)
    .map(({ text }) => text);
  const isRead = (path: string) => {
    const [key, owner] = path.split('.').reverse() as [string, string?];
    const named = new RegExp(`\\b${key}\\b`);
    return texts.some((text) => named.test(text) && (owner === undefined || text.includes(owner)));
  };
  const unread = describeFields()
    .map(({ path }) => path)
    .filter((path) => !isRead(path));
  expect(unread.sort()).toEqual(Object.keys(UNREAD).sort());
});

it('a condition names a field and values that it may have', () => {
  const fields = describeFields();
  for (const { path, appliesWhen } of fields) {
    if (appliesWhen === null) continue;
    const other = fields.find((field) => field.path === appliesWhen.field);
    expect(other, path).toBeDefined();
    for (const value of appliesWhen.is) {
      if (value === null) expect(other!.nullable, path).toBe(true);
      else if (typeof value === 'boolean') expect(other!.type, path).toBe('boolean');
      else expect(other!.choices, path).toContain(value);
    }
  }
});
