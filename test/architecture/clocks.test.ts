import { expect, it } from 'vitest';
import { isTest, sourceFiles } from './source-tree.ts';

/** The clock on the wall as a number: what is reckoned with. Writing the time down (`new Date().toISOString()`) is no arithmetic. */
const WALL = /\bDate\.now\b|\bDate\.parse\(|\.getTime\(\)|(?<!=)[-+<>]\s*new Date\(\)|new Date\(\)\s*[-+<>]/g;

/** Who may reckon with it, with the reason. Whatever else waits or paces itself takes `performance.now()`, which nobody sets. */
const TABLE: Readonly<Record<string, string>> = {
  'src/renderer/lib/format.ts': 'shows how long ago something was',
  'src/renderer/features/runs/view-model.ts': 'shows how long a run took, by times that were written down',
  'src/renderer/features/runs/components/run-header.tsx': 'shows how long a run has taken',
  'src/renderer/features/runs/components/runs-table.tsx': 'shows how long a run has taken',
  'src/main/services/runs/run-folder.ts': 'signs of life of versions without locks, which wrote the time',
  'src/main/services/runs/run-library.ts': 'the same, of the registry',
  'src/main/engine/backends/onnx/program-cache.ts': 'age of leftovers on disk, which only sweeping goes by',
};

it('intervals and ages are taken from a clock that nobody sets', () => {
  const found = new Set(
    sourceFiles(['src'])
      .filter((file) => !isTest(file) && file.text.match(WALL))
      .map(({ path }) => path),
  );
  expect([...found].filter((path) => !Object.hasOwn(TABLE, path))).toEqual([]);
  expect(Object.keys(TABLE).filter((path) => !found.has(path))).toEqual([]);
});

it.each(['if (Date.now() - told < 50) return;', 'const now = Date.now;', 'Date.parse(row.beat)', 'date.getTime() > 0', 'Number(x) - new Date()'])(
  '%s is seen',
  (text) => {
    expect(text.match(WALL)).not.toBeNull();
  },
);

it.each(['write(new Date().toISOString())', 'new Date(iso).toLocaleString()', 'performance.now() - told', '() => new Date()'])(
  '%s is let through',
  (text) => {
    expect(text.match(WALL)).toBeNull();
  },
);
