/** @file A whole model as a folder that transformers loads: weights in float32 as they were trained, all else as its base has it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { exactText, parseExact } from '../../../shared/lib/exact-json.ts';
import { errnoOf } from '../../../shared/lib/write-error.ts';
import type { FileSystem } from '../../files/file-system.ts';
import { makeFolder, makeNewFolder, makeOwnFolder } from '../../files/folders.ts';
import type { FileSeal } from '../../files/seal.ts';
import { writeFileAtomically, writeFileSynced } from '../../files/write-file.ts';
import { type TensorToWrite, writeSafetensors } from './safetensors.ts';

type Table = Readonly<Record<string, unknown>>;

export interface ModelToWrite {
  /** Folder of the model that was trained: its configuration, tokenizer and templates go with the weights. */
  readonly base: string;
  /** In float32. */
  readonly tensors: readonly TensorToWrite[];
  /** The chat template that it learned with, where that is not the base's own. */
  readonly chatTemplate: string | null;
  /** The token that ended its examples, where that is not the base's own: answers end there too. */
  readonly eosTokenId: number | null;
}

export interface WriteModelOptions {
  readonly fs?: FileSystem;
  /** False inside a folder that is renamed as a whole. Default true. */
  readonly atomic?: boolean;
  /** Whether a person chose the folder: their own link to one is followed. Default false. */
  readonly chosen?: boolean;
}

/** As transformers cuts large models, so that no file is too large for common file systems and tools. */
const SHARD_BYTES = 5_000_000_000;
/** Of a float32. */
const BYTES = 4;
const CONFIG = 'config.json';
const GENERATION = 'generation_config.json';
const TEMPLATE = 'chat_template.jinja';
const TEMPLATES = 'additional_chat_templates';
/** What tokenizers read, and the terms that the weights are under. */
const COMPANIONS = [
  'tokenizer.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'vocab.txt',
  'tokenizer.model',
  TEMPLATE,
  'chat_template.json',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
  'NOTICE',
];
const MOST_COMPANION_BYTES = 256 * 1024 * 1024;
const MOST_TEMPLATES = 100;

/** @returns the files by name, as they were written; config.json last, so that a folder which has one is complete */
export async function writeModelFolder(
  folder: string,
  model: ModelToWrite,
  options: WriteModelOptions = {},
  shardBytes = SHARD_BYTES,
): Promise<Readonly<Record<string, FileSeal>>> {
  if (options.atomic === false) await makeFolder(folder);
  else await (options.chosen === true ? makeFolder : makeOwnFolder)(folder);
  const writer = new FolderWriter(folder, options);
  await writer.companions(model);
  await writer.weights(model.tensors, shardBytes);
  await writer.config(model.base);
  return writer.files;
}

class FolderWriter {
  readonly #folder: string;
  readonly #options: WriteModelOptions;
  readonly files: Record<string, FileSeal> = {};

  constructor(folder: string, options: WriteModelOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async companions({ base, chatTemplate, eosTokenId }: ModelToWrite): Promise<void> {
    for (const name of COMPANIONS) {
      if (chatTemplate !== null && name.startsWith('chat_template')) continue;
      const bytes = await readIfPresent(join(base, name));
      if (bytes !== null) await this.#write(name, bytes);
    }
    if (chatTemplate === null) await this.#namedTemplates(base);
    else await this.#write(TEMPLATE, new TextEncoder().encode(chatTemplate));
    await this.#edited('tokenizer_config.json', base, (json) => (chatTemplate === null ? json : without(json, 'chat_template')));
    await this.#edited(GENERATION, base, (json) =>
      eosTokenId === null ? json : { ...json, eos_token_id: withId(json['eos_token_id'], eosTokenId) },
    );
  }

  async weights(tensors: readonly TensorToWrite[], shardBytes: number): Promise<void> {
    const shards = intoShards(tensors, shardBytes);
    const name = (index: number) => (shards.length === 1 ? 'model.safetensors' : `model-${pad(index + 1)}-of-${pad(shards.length)}.safetensors`);
    for (const [index, shard] of shards.entries()) {
      this.files[name(index)] = await writeSafetensors(join(this.#folder, name(index)), shard, this.#options);
    }
    if (shards.length === 1) return;
    const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
    const map = Object.fromEntries(shards.flatMap((shard, index) => shard.map((tensor) => [tensor.name, name(index)])));
    await this.#write(
      'model.safetensors.index.json',
      jsonBytes({ metadata: { total_parameters: total / BYTES, total_size: total }, weight_map: map }),
    );
  }

  /** transformers 5 calls it `dtype`, versions before `torch_dtype`; a file that has the older name keeps it. */
  async config(base: string): Promise<void> {
    await this.#edited(CONFIG, base, (json) =>
      'torch_dtype' in json ? { ...without(json, 'dtype'), torch_dtype: 'float32' } : { ...json, dtype: 'float32' },
    );
  }

  async #namedTemplates(base: string): Promise<void> {
    const names = (await readdir(join(base, TEMPLATES)).catch(() => []))
      .filter((name) => name.endsWith('.jinja'))
      .sort()
      .slice(0, MOST_TEMPLATES);
    if (names.length > 0) await (this.#options.atomic === false ? makeNewFolder : makeOwnFolder)(join(this.#folder, TEMPLATES));
    for (const name of names) {
      const bytes = await readIfPresent(join(base, TEMPLATES, name));
      if (bytes !== null) await this.#write(`${TEMPLATES}/${name}`, bytes);
    }
  }

  /** A JSON file of the base's with some values changed; numbers and all else stay as they are written there. */
  async #edited(name: string, base: string, change: (json: Table) => Table): Promise<void> {
    const bytes = await readIfPresent(join(base, name));
    if (bytes === null) return;
    const json = tableOf(bytes, join(base, name));
    const changed = change(json);
    await this.#write(name, changed === json ? bytes : jsonBytes(changed));
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const write = this.#options.atomic === false ? writeFileSynced : writeFileAtomically;
    this.files[name] = await write(join(this.#folder, name), (sink) => sink(bytes), this.#options.fs);
  }
}

/** In the order given, each as full as fits; a tensor larger than a shard has one of its own. */
function intoShards(tensors: readonly TensorToWrite[], shardBytes: number): readonly (readonly TensorToWrite[])[] {
  const shards: TensorToWrite[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    if (bytes > 0 && bytes + bytesOf(tensor) > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)!.push(tensor);
    bytes += bytesOf(tensor);
  }
  return shards;
}

function bytesOf({ shape }: TensorToWrite): number {
  return shape.reduce((product, size) => product * size, BYTES);
}

function pad(number: number): string {
  return String(number).padStart(5, '0');
}

async function readIfPresent(file: string): Promise<Uint8Array | null> {
  const info = await stat(file).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (info === null) return null;
  if (!info.isFile() || info.size > MOST_COMPANION_BYTES)
    throw baseError(file, info.isFile() ? `it has ${info.size} bytes, more than ${MOST_COMPANION_BYTES}` : 'this is not a file');
  return readFile(file);
}

function tableOf(bytes: Uint8Array, file: string): Table {
  let json: unknown;
  try {
    json = parseExact(new TextDecoder().decode(bytes));
  } catch (error) {
    throw baseError(file, `this is not valid JSON (${(error as Error).message})`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw baseError(file, 'this is not an object with named values');
  return json as Table;
}

function baseError(file: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-FOLDER',
    message: `${file}: ${what}; it goes with the tuned weights.`,
    data: { path: file },
    remedy: 'Download the model again.',
  });
}

function withId(ids: unknown, id: number): number[] {
  const known = (Array.isArray(ids) ? ids : [ids]).filter((each): each is number => typeof each === 'number');
  return [...new Set([id, ...known])];
}

function without(table: Table, key: string): Table {
  const { [key]: _, ...rest } = table;
  return rest;
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${exactText(value)}\n`);
}
