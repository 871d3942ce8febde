import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunDependents } from '../../../shared/domain/run-record.ts';
import { Generations } from '../../registry/generations.ts';
import { Models } from '../../registry/models.ts';
import { RunsTable } from '../../registry/runs-table.ts';
import type { ServiceContext } from '../context.ts';
import type { RunLibrary } from './run-library.ts';

/** What goes with a run, and what was made from it. Asks, and changes nothing. */
export class RunDependencies {
  readonly #runs: RunLibrary;
  readonly #table: RunsTable;
  readonly #generations: Generations;
  readonly #models: Models;

  constructor({ registry: { database } }: ServiceContext, runs: RunLibrary) {
    this.#runs = runs;
    this.#table = new RunsTable(database);
    this.#generations = new Generations(database);
    this.#models = new Models(database);
  }

  /** @throws AppError RUN-UNKNOWN */
  async of(id: string): Promise<RunDependents> {
    const { dir, checkpoints } = this.#runs.get(id);
    const others = this.#table
      .all()
      .filter((row) => row.id !== id)
      .map((row) => this.#runs.get(row.id));
    return {
      checkpoints: checkpoints.length,
      bytes: await bytesIn(dir),
      comparisons: this.#generations.countOfRun(id),
      runs: others.filter(({ recipe: { adapter, model } }) => isWithin(dir, adapter) || isWithin(dir, model)).map(({ name }) => name),
      models: this.#models
        .list()
        .filter(({ path }) => isWithin(dir, path))
        .map(({ name }) => name),
    };
  }
}

function isWithin(dir: string, path: string | null): boolean {
  return path !== null && (path === dir || path.startsWith(join(dir, '/')));
}

/** Of the files below a folder; one that is gone holds nothing. */
async function bytesIn(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
