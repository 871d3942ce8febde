import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMPORT_TABLE, KNOWN_DEVIATIONS, type Row } from './import-table.ts';
import { importsOf, isTest, ROOT, sourceFiles, type Import } from './source-tree.ts';

const IMPORTS = sourceFiles(['src'])
  .filter((file) => !isTest(file))
  .flatMap(importsOf);

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function rowOf(path: string): Row | undefined {
  return IMPORT_TABLE.filter(({ folder }) => isWithin(path, folder)).sort((x, y) => y.folder.length - x.folder.length)[0];
}

/** Why the import is refused, or null. */
function problemOf({ from, to, isPackage, typeOnly }: Import): string | null {
  const row = rowOf(from);
  if (row === undefined) return `${from} belongs to no row of the import table (test/architecture/import-table.ts)`;
  if (isPackage) {
    const allowed = row.packages ?? [];
    if (allowed.some((name) => to === name || to.startsWith(name === 'node:' ? name : `${name}/`))) return null;
    return `${from} imports the package ${to}; ${row.folder} may use ${allowed.join(', ') || 'no package'}`;
  }
  const target = rowOf(to)?.folder ?? to;
  if (target === row.folder || row.may.some((folder) => isWithin(to, folder))) return null;
  if (typeOnly && row.types?.some((folder) => isWithin(to, folder))) return null;
  if (KNOWN_DEVIATIONS.some((each) => each.from === from && each.to === to)) return null;
  return `${from} imports ${to}; ${row.folder} may import ${[...row.may, ...(row.types ?? []).map((folder) => `types of ${folder}`)].join(', ') || 'nothing but its own files'}`;
}

describe('import directions', () => {
  it('follow the table', () => {
    // A pattern that stopped matching would find nothing wrong.
    expect(IMPORTS.length).toBeGreaterThan(500);
    expect(IMPORTS.map(problemOf).filter((problem) => problem !== null)).toEqual([]);
  });

  it('refuse what they should: the table is not empty words', () => {
    const refused: readonly [string, string][] = [
      ['src/main/services/runs/runs.ts', 'src/main/engine/train/run.ts'],
      ['src/main/services/runs/runs.ts', 'src/main/engine/protocol.ts'],
      ['src/main/engine/ir/graph.ts', 'src/main/engine/ops/catalog.ts'],
      ['src/main/engine/train/run.ts', 'src/main/engine/backends/onnx/backend.ts'],
      ['src/main/engine/backends/onnx/session.ts', 'src/main/engine/backends/reference/session.ts'],
      ['src/main/engine/backends/cuda/backend.ts', 'src/main/engine/models/model.ts'],
      ['src/main/engine/text/encode.ts', 'src/main/datasets/detect.ts'],
      ['src/main/engine/train/run.ts', 'src/main/services/runs/runs.ts'],
      ['src/main/datasets/detect.ts', 'src/main/services/datasets/datasets.ts'],
      ['src/shared/domain/recipe/recipe.ts', 'src/main/app/paths.ts'],
      ['src/renderer/api/client.ts', 'src/main/services/machine/devices.ts'],
      ['src/renderer/app/app.tsx', 'src/preload/index.ts'],
      ['src/renderer/features/runs/run-page.tsx', 'src/renderer/features/train/train-page.tsx'],
      ['src/renderer/features/runs/run-page.tsx', 'src/renderer/app/app.tsx'],
      ['src/renderer/components/empty-state.tsx', 'src/renderer/api/client.ts'],
      ['src/shared/contract/runs.ts', 'src/main/services/runs/runs.ts'],
      ['src/main/rpc/runs.ts', 'src/main/registry/database.ts'],
      ['src/main/registry/database.ts', 'src/main/services/runs/runs.ts'],
      ['src/preload/index.ts', 'src/main/app/paths.ts'],
      ['src/preload/index.ts', 'src/shared/domain/recipe/recipe.ts'],
      ['src/main/services/machine/devices.ts', 'src/main/app/window.ts'],
      ['src/main/cli/index.ts', 'src/main/app/window.ts'],
      ['src/main/engine/autodiff/reverse.ts', 'src/main/engine/ops/evaluations.ts'],
    ];
    for (const [from, to] of refused) expect(problemOf({ from, to, isPackage: false, typeOnly: false })).toContain(`${from} imports ${to}`);
    for (const from of [
      'src/shared/domain/run.ts',
      'src/main/engine/ir/graph.ts',
      'src/main/engine/train/run.ts',
      'src/main/app/page-files.ts',
      'src/main/services/runs/runs.ts',
      'src/renderer/app/app.tsx',
    ]) {
      expect(problemOf({ from, to: 'electron', isPackage: true, typeOnly: false })).toContain('imports the package electron');
    }
  });

  it('list no deviation that is gone', () => {
    const stale = KNOWN_DEVIATIONS.filter(({ from, to }) => !IMPORTS.some((each) => each.from === from && each.to === to));
    expect(stale.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('point at files that exist', () => {
    expect(
      IMPORTS.filter(({ isPackage, to }) => !isPackage && !existsSync(join(ROOT, to))).map(
        ({ from, to }) => `${from} imports ${to}, which does not exist`,
      ),
    ).toEqual([]);
  });
});

it('no file imports itself by way of others', () => {
  const edges = Map.groupBy(
    IMPORTS.filter(({ isPackage, typeOnly }) => !isPackage && !typeOnly),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) return void cycles.push([...path.slice(at), file].join(' -> '));
    if (done.has(file)) return;
    for (const { to } of edges.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});
