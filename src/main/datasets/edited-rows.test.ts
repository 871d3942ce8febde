import { expect, it } from 'vitest';
import type { CanonicalRow } from '../../shared/domain/dataset.ts';
import type { RowEdit } from '../../shared/domain/dataset-record.ts';
import { seededRandom } from '../../shared/lib/seeded-random.ts';
import { EditedRows } from './edited-rows.ts';

const text = (words: string): CanonicalRow => ({ kind: 'text', source: 1, text: words });
const base = (n: number) => Array.from({ length: n }, (_, i) => text(`base ${i}`));
const journal = (edits: readonly RowEdit[], undone = 0) =>
  edits.map((edit, i) => ({ seq: i + 1, edit_json: JSON.stringify(edit), undone: i >= edits.length - undone ? (1 as const) : (0 as const) }));
const texts = async (copy: EditedRows, rows: readonly CanonicalRow[], offset = 0, limit = 1000) =>
  (await copy.page(offset, limit, (numbers) => Promise.resolve(numbers.map((n) => rows[n]!)))).map(({ row }) =>
    row.kind === 'text' ? row.text : '',
  );

it('equals editing a plain list, at every page, for a thousand random edits', async () => {
  const random = seededRandom(7);
  const rows = base(300);
  const edits: RowEdit[] = [];
  // The plain list: keys with their rows.
  let list = rows.map((row, key) => ({ key, row }));
  for (let i = 0; i < 1000 && list.length > 5; i++) {
    const at = Math.floor(random() * list.length);
    const kind = random();
    if (kind < 0.4) {
      edits.push({ kind: 'replace', key: list[at]!.key, row: text(`edit ${i}`) });
      list = list.with(at, { key: list[at]!.key, row: text(`edit ${i}`) });
    } else if (kind < 0.6) {
      edits.push({ kind: 'add', row: text(`add ${i}`) });
      list = [...list, { key: 300 + edits.length, row: text(`add ${i}`) }];
    } else {
      const keys = list.slice(at, at + 1 + Math.floor(random() * 2)).map(({ key }) => key);
      edits.push({ kind: 'delete', keys });
      list = list.filter(({ key }) => !keys.includes(key));
    }
  }
  const copy = new EditedRows(300, journal(edits));
  const expected = list.map(({ row }) => (row.kind === 'text' ? row.text : ''));
  expect(copy.state.rows).toBe(expected.length);
  expect(await texts(copy, rows)).toEqual(expected);
  for (let offset = 0; offset < expected.length; offset += 7) expect(await texts(copy, rows, offset, 7)).toEqual(expected.slice(offset, offset + 7));
});

it('leaves out what was undone, and says what can be undone and redone', async () => {
  const edits: readonly RowEdit[] = [
    { kind: 'delete', keys: [0] },
    { kind: 'add', row: text('new') },
  ];
  expect(new EditedRows(2, journal(edits)).state).toEqual({ rows: 2, pending: 2, canUndo: true, canRedo: false });
  const back = new EditedRows(2, journal(edits, 1));
  expect(back.state).toEqual({ rows: 1, pending: 1, canUndo: true, canRedo: true });
  expect(await texts(back, base(2))).toEqual(['base 1']);
  expect(new EditedRows(2, journal(edits, 2)).state).toEqual({ rows: 2, pending: 0, canUndo: false, canRedo: true });
});
