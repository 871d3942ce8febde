import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelConfig } from '../../../shared/domain/model.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { readJsonFile, readJsonFileIfPresent } from './json-file.ts';
import { parseModelConfig } from './model-config.ts';
import { openSafetensors, type TensorInfo } from './safetensors.ts';

/** A model on disk, checked: every tensor its family needs is there with the right shape. Weights stay on disk. */
export interface ModelFolder {
  /** As the user gave it. */
  readonly path: string;
  readonly config: ModelConfig;
  /** Exactly the tensors the family needs, by name. `file` of each is a real path, symlinks resolved. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** Tensors of the files that the model does not use and that are not known to be harmless. */
  readonly unusedTensors: readonly string[];
}

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
const MAX_SHARDS = 10_000;
/** Dtypes that backends read straight from a file. */
const LOADABLE: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);
const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** Every tensor that a model of this configuration needs, with its shape. */
export type ExpectedTensors = (config: ModelConfig) => ReadonlyMap<string, readonly number[]>;

/**
 * Opens a folder as `save_pretrained` or the Hugging Face cache leave it: config.json and one safetensors file or shards.
 * @throws AppError MODEL-FOLDER, MODEL-TENSORS, and those of config.json and of the safetensors headers
 */
export async function openModelFolder(path: string, expected: ExpectedTensors): Promise<ModelFolder> {
  const info = await stat(path).catch((error: unknown) => {
    throw folderError(path, 'there is no such folder', 'Check the path.', error);
  });
  if (!info.isDirectory()) throw folderError(path, 'this is not a folder', 'Choose the folder that holds config.json.');
  const configFile = join(path, 'config.json');
  const [json, generation] = await Promise.all([
    readJsonFile(configFile),
    readJsonFileIfPresent(join(path, 'generation_config.json')),
  ]);
  const config = parseModelConfig(json, generation, configFile);
  const found = await findTensors(path);
  const needed = expected(config);
  return { path, config, ...selectTensors(path, config, needed, withPrefix(found, needed)) };
}

async function findTensors(path: string): Promise<ReadonlyMap<string, TensorInfo>> {
  if (await exists(join(path, SINGLE_FILE))) return (await openSafetensors(join(path, SINGLE_FILE))).tensors;
  if (await exists(join(path, INDEX_FILE))) return openShards(path);
  const legacy = (await exists(join(path, 'pytorch_model.bin'))) || (await exists(join(path, 'pytorch_model.bin.index.json')));
  throw folderError(
    path,
    legacy ? 'the weights are a PyTorch pickle (pytorch_model.bin), which can run code when it is read' : `there is no ${SINGLE_FILE} or ${INDEX_FILE}`,
    'Choose a model folder with safetensors weights.',
  );
}

async function openShards(path: string): Promise<ReadonlyMap<string, TensorInfo>> {
  const indexFile = join(path, INDEX_FILE);
  const parsed = indexSchema.safeParse(await readJsonFile(indexFile));
  if (!parsed.success) throw folderError(indexFile, 'weight_map is not a table of tensor and file names', REDOWNLOAD);
  const weightMap = Object.entries(parsed.data.weight_map);
  const shards = [...new Set(weightMap.map(([, shard]) => shard))].sort();
  if (shards.length > MAX_SHARDS) throw folderError(indexFile, `it names ${shards.length} files`, REDOWNLOAD);
  const tensors = new Map<string, TensorInfo>();
  const shardOf = new Map<string, string>();
  for (const shard of shards) {
    // A bare file name: an index may not reach outside its folder.
    if (!/^[^/\\]+\.safetensors$/.test(shard)) {
      throw folderError(indexFile, `${JSON.stringify(shard.slice(0, 200))} is not the name of a safetensors file`, REDOWNLOAD);
    }
    for (const [name, info] of (await openSafetensors(join(path, shard))).tensors) {
      const other = shardOf.get(name);
      if (other !== undefined) throw folderError(path, `tensor ${name} is in both ${other} and ${shard}`, REDOWNLOAD);
      shardOf.set(name, shard);
      tensors.set(name, info);
    }
  }
  for (const [name, shard] of weightMap) {
    if (shardOf.get(name) !== shard) throw folderError(join(path, shard), `tensor ${name} should be in it and is not`, REDOWNLOAD);
  }
  return tensors;
}

const REDOWNLOAD = 'The folder is incomplete or damaged. Download the model again.';

const PREFIX = 'model.';

/** A model saved without its head (LlamaModel) has names without the leading "model.": the same tensors, as transformers takes them. */
function withPrefix(found: ReadonlyMap<string, TensorInfo>, needed: ReturnType<ExpectedTensors>): ReadonlyMap<string, TensorInfo> {
  const isBare = [...needed.keys()].some((name) => name.startsWith(PREFIX) && found.has(name.slice(PREFIX.length)));
  if (!isBare || [...needed.keys()].some((name) => name.startsWith(PREFIX) && found.has(name))) return found;
  return new Map([...found].map(([name, info]) => {
    const full = needed.has(PREFIX + name) ? PREFIX + name : name;
    return [full, { ...info, name: full }];
  }));
}

/** What stands before the expected names where all are missing, for the message. */
function strangerOf(missing: readonly string[], found: ReadonlyMap<string, TensorInfo>): string {
  const first = missing[0]!.replace(/^model\./, '');
  const other = [...found.keys()].find((name) => name.endsWith(`.${first}`));
  return other === undefined ? '' : `; the file calls the first one ${other}`;
}

type Selected = Pick<ModelFolder, 'tensors' | 'unusedTensors'>;

function selectTensors(path: string, config: ModelConfig, expected: ReturnType<ExpectedTensors>, found: ReadonlyMap<string, TensorInfo>): Selected {
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    const first = missing.slice(0, 3).join(', ');
    throw tensorsError(path, `${missing.length} of ${expected.size} tensors of a ${config.family} model are missing: ${first}${missing.length > 3 ? ', ...' : ''}${strangerOf(missing, found)}`);
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of expected) {
    const info = found.get(name)!;
    if (info.shape.length !== shape.length || info.shape.some((dimension, axis) => dimension !== shape[axis])) {
      throw tensorsError(path, `tensor ${name} in ${info.file} has shape [${info.shape.join(', ')}], config.json asks for [${shape.join(', ')}]`);
    }
    if (!LOADABLE.has(info.dtype)) {
      throw tensorsError(path, `tensor ${name} in ${info.file} has dtype ${info.dtype}; F32, F16 and BF16 can be used`);
    }
    tensors.set(name, info);
  }
  const unusedTensors = [...found.keys()].filter((name) => !tensors.has(name) && !isHarmless(name, config)).sort();
  return { tensors, unusedTensors };
}

/** Old files carry a buffer of rotary frequencies; tied models may repeat the embedding as head (spec section 7). */
function isHarmless(name: string, config: ModelConfig): boolean {
  return name.endsWith('rotary_emb.inv_freq') || (config.tieWordEmbeddings && name === 'lm_head.weight');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

function folderError(path: string, what: string, remedy: string, cause?: unknown): AppError {
  return new AppError({ code: 'MODEL-FOLDER', message: `${path}: ${what}.`, data: { path }, remedy }, cause);
}

function tensorsError(path: string, what: string): AppError {
  return new AppError({
    code: 'MODEL-TENSORS',
    message: `${path}: ${what}.`,
    data: { path },
    remedy: 'config.json and the weights do not belong together. Download the model again.',
  });
}
