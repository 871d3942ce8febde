import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute } from 'node:path';
import type { ScanUpdate } from '../../../shared/contract/models.ts';
import { LISTED_TEMPLATE, type ModelRecord, type ModelState } from '../../../shared/domain/model.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { Models } from '../../registry/models.ts';
import { RunsTable } from '../../registry/runs-table.ts';
import type { ServiceContext } from '../context.ts';
import { jobEvents } from '../job-events.ts';
import { hubCache } from '../machine/machine-facts.ts';
import { holdsConfig, hubName, hubSnapshots, modelFoldersUnder, modelName } from './model-folders.ts';
import { typedPath } from './home-path.ts';
import type { SettingsStore } from '../studio/settings-store.ts';

/** The bundled model's folder has a name for developers only. */
const STARTER_NAME = 'Tunesmith starter';
/** Where runs leave whole models. */
const TRAINED = /^(?:model|checkpoint-(\d{1,15}))$/;
/** Folders an engine is given at once. */
const MAX_JOB = 10_000;

/** The model folders that the studio knows of. */
export class ModelLibrary {
  readonly #context: ServiceContext;
  readonly #settings: Pick<SettingsStore, 'get'>;
  readonly #models: Models;
  readonly #runs: Pick<RunsTable, 'byDir'>;
  readonly #hubCache: string;

  constructor(context: ServiceContext, settings: Pick<SettingsStore, 'get'>, cache = hubCache(process.env, homedir())) {
    this.#context = context;
    this.#settings = settings;
    this.#models = new Models(context.registry.database);
    this.#runs = new RunsTable(context.registry.database);
    this.#hubCache = cache;
  }

  /** By name; of a long chat template only the beginning. */
  list(): readonly ModelRecord[] {
    return this.#models.list().map(listed);
  }

  /** @throws AppError MODEL-UNKNOWN */
  get(id: string): ModelRecord {
    const model = this.#models.get(id);
    if (model !== null) return model;
    throw new AppError({
      code: 'MODEL-UNKNOWN',
      message: `The studio knows no model ${id}.`,
      data: { id },
      remedy: 'It may have been forgotten; open its folder again.',
    });
  }

  /** Reads the folder's facts by an engine and remembers it; one known already is read again. @throws AppError of the model's files */
  async open(path: string, source: ModelRecord['source'] = 'folder'): Promise<ModelRecord> {
    const folder = await realFolder(path);
    for await (const [, state] of statesOf([folder], new AbortController().signal)) {
      if (state.kind === 'unusable') throw new AppError(state.error);
      return this.#remember(folder, state, source);
    }
    throw new Error('unreachable: an engine tells of each folder or fails');
  }

  /** Reads all models that lie in the cache and the folders of the settings, and those known already. */
  async *scan(signal: AbortSignal): AsyncGenerator<ScanUpdate, void, void> {
    const folders = await this.#candidates();
    await this.#markGone(new Set(folders));
    let done = 0;
    let usable = 0;
    yield { kind: 'progress', done, total: folders.length };
    for await (const [folder, state] of statesOf(folders, signal)) {
      const model = await this.#remember(folder, state);
      if (state.kind === 'usable') usable++;
      yield { kind: 'found', model };
      yield { kind: 'progress', done: ++done, total: folders.length };
    }
    if (!signal.aborted) yield { kind: 'done', found: usable };
  }

  /** Its folder stays. */
  forget(id: string): Promise<void> {
    return this.#context.registry.write(() => this.#models.remove(id));
  }

  async #candidates(): Promise<readonly string[]> {
    const found = [...(await hubSnapshots(this.#hubCache))];
    for (const folder of this.#settings.get().modelFolders) found.push(...(await modelFoldersUnder(folder)));
    for (const { path } of this.#models.list()) if (await holdsConfig(path)) found.push(path);
    // The same folder may be reached by links.
    return [...new Set(await Promise.all(found.map((folder) => realpath(folder))))];
  }

  async #markGone(there: ReadonlySet<string>): Promise<void> {
    for (const model of this.#models.list()) {
      if (there.has(model.path)) continue;
      const error = {
        code: 'MODEL-GONE',
        message: `${model.path} is gone, or holds no config.json any more.`,
        data: { path: model.path },
        remedy: 'Bring the folder back and scan again, or forget the model.',
      };
      await this.#remember(model.path, { kind: 'unusable', error });
    }
  }

  /** A model that a run has trained bears the run's name, since all of them lie in folders of the same name. */
  #nameOf(path: string, source: ModelRecord['source']): string {
    if (source === 'starter') return STARTER_NAME;
    const [, step] = TRAINED.exec(basename(path)) ?? [];
    const run = TRAINED.test(basename(path)) ? this.#runs.byDir(dirname(path)) : null;
    if (run === null) return modelName(path);
    return step === undefined ? run.name : `${run.name} · step ${step}`;
  }

  #remember(path: string, state: ModelState, source: ModelRecord['source'] = 'folder'): Promise<ModelRecord> {
    const found = source === 'folder' && hubName(path) !== null ? 'hub-cache' : source;
    return this.#context.registry.write(() =>
      this.#models.put({ id: randomUUID(), name: this.#nameOf(path, source), path, source: found, addedAt: new Date().toISOString(), state }),
    );
  }
}

function listed(model: ModelRecord): ModelRecord {
  const { state } = model;
  if (state.kind !== 'usable' || state.facts.chatTemplate === null || state.facts.chatTemplate.length <= LISTED_TEMPLATE) return model;
  return { ...model, state: { ...state, facts: { ...state.facts, chatTemplate: `${state.facts.chatTemplate.slice(0, LISTED_TEMPLATE)}…` } } };
}

/** Errors of an engine that has gone with all it was asked. */
const DEADLY: ReadonlySet<string> = new Set(['ENGINE-LOST', 'ENGINE-MEMORY']);

/** Each folder with what an engine says of it. A folder that an engine dies of is said to be so, and another engine goes on behind it. */
async function* statesOf(folders: readonly string[], signal: AbortSignal): AsyncGenerator<readonly [string, ModelState], void, void> {
  let rest = folders;
  while (rest.length > 0 && !signal.aborted) {
    const before = rest.length;
    try {
      for await (const event of jobEvents({ kind: 'facts', folders: rest.slice(0, MAX_JOB) }, signal)) {
        if (event.kind !== 'facts') continue;
        rest = rest.slice(1);
        yield [event.folder, event.state];
      }
    } catch (error) {
      const [folder] = rest;
      if (!(error instanceof AppError) || !DEADLY.has(error.code) || folder === undefined) throw error;
      rest = rest.slice(1);
      yield [
        folder,
        {
          kind: 'unusable',
          error: {
            ...error.toFields(),
            message: `${folder} cannot be read: ${error.message}`,
            remedy: 'Download the model again, or choose another one.',
          },
        },
      ];
    }
    if (rest.length === before && !signal.aborted) throw new Error('an engine ended without the facts it was asked for');
  }
}

async function realFolder(typed: string): Promise<string> {
  const path = typedPath(typed);
  const problem = (why: string, cause?: unknown) =>
    new AppError({ code: 'MODEL-FOLDER', message: `${path}: ${why}.`, data: { path }, remedy: 'Check the path.' }, cause);
  if (!isAbsolute(path) || path.includes('\0')) throw problem('the path has to begin at the root of the disk, or with ~');
  try {
    return await realpath(path);
  } catch (error) {
    throw problem('there is no such folder', error);
  }
}
