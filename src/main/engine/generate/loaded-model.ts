/** @file A model with its weights in a backend and, for one set of columns, all that answering needs; kept from question to question. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backend, BackendSession, MemoryReport } from '../backends/backend.ts';
import { loraScale, readPeftAdapter } from '../adapters/peft-adapter.ts';
import { modelStates } from '../models/model-states.ts';
import type { ModelFolder } from '../models/open-model.ts';
import type { GenerateJob } from '../protocol.ts';
import type { ColumnAdapter } from './columns.ts';
import { Generator } from './generator.ts';
import type { OpenedModel } from './opened-model.ts';

export class LoadedModel {
  readonly opened: OpenedModel;
  readonly #session: BackendSession;
  readonly #dtype: 'f32' | 'bf16';
  #current: { readonly key: string; readonly generator: Generator; readonly notices: readonly string[] } | null = null;

  private constructor(opened: OpenedModel, session: BackendSession, dtype: 'f32' | 'bf16') {
    this.opened = opened;
    this.#session = session;
    this.#dtype = dtype;
  }

  /** @param onProgress told the bytes that are loaded; what it throws ends the loading */
  static async load(
    opened: OpenedModel,
    backend: Backend,
    dtype: 'f32' | 'bf16',
    onProgress: (done: number, total: number) => void,
  ): Promise<LoadedModel> {
    const session = await backend.open();
    try {
      await session.addStates(modelStates(opened.folder, dtype), onProgress);
    } catch (error) {
      await session.dispose();
      throw error;
    }
    return new LoadedModel(opened, session, dtype);
  }

  /** The generator for these columns: the one at hand where it is for them, else a new one in its place. @throws AppError of the adapters */
  async generator(columns: GenerateJob['columns']): Promise<Generator> {
    const key = JSON.stringify(await Promise.all(columns.map(async ({ adapter }) => (adapter === null ? null : [adapter, await stampOf(adapter)]))));
    if (this.#current?.key === key) return this.#current.generator;
    const adapters = await Promise.all(columns.map(({ adapter }) => (adapter === null ? null : loadColumn(adapter, this.opened.folder))));
    const notices = adapters.flatMap((column) => column?.notices ?? []);
    const before = this.#current;
    this.#current = null;
    await before?.generator.dispose();
    const generator = await Generator.open(
      this.#session,
      this.opened.folder.model,
      this.#dtype,
      adapters.map((column) => column?.adapter ?? null),
    );
    this.#current = { key, generator, notices };
    return generator;
  }

  /** What a person should know of the columns' adapters. */
  get notices(): readonly string[] {
    return this.#current?.notices ?? [];
  }

  memory(): MemoryReport {
    return this.#session.memory();
  }

  async dispose(): Promise<void> {
    this.#current = null;
    await this.#session.dispose();
  }
}

/** Changes when an adapter is written anew in the same folder, as by a run that was resumed. */
async function stampOf(adapter: string): Promise<string> {
  const facts = await stat(join(adapter, 'adapter_model.safetensors')).catch(() => null);
  return facts === null ? 'absent' : `${facts.size}:${facts.mtimeMs}`;
}

/** An adapter of a folder, as a column answers with it. */
export async function loadColumn(
  folder: string,
  { model }: ModelFolder,
): Promise<{ readonly adapter: ColumnAdapter; readonly notices: readonly string[] }> {
  const { config, tensors, modules, notices } = await readPeftAdapter(folder, model.linears, Object.values(model.tables));
  const pairs = new Map(
    [...tensors].map(([path, pair]) => [path, { a: pair.a, b: pair.b, rank: pair.rank, scale: loraScale(pair, config.useRslora) }]),
  );
  return { adapter: { pairs, tables: new Map([...(modules ?? [])].map(([path, { values }]) => [path, values])) }, notices };
}
