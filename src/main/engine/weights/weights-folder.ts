import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/lib/app-error.ts';
import { readJsonFile } from './json-file.ts';
import { openSafetensors, type TensorInfo } from './safetensors.ts';

/** The weights of a model folder, checked: every tensor that the model needs is there with the right shape. They stay on disk. */
export interface WeightsFolder {
  /** As the user gave it. */
  readonly path: string;
  /** Exactly the tensors that the model needs, by name. `file` of each is a real path, symlinks resolved. */
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

/** What a model asks of its files. */
export interface WeightsNeeded {
  readonly family: string;
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** What names lack where a model was saved without its head. */
  readonly prefix: string;
  isHarmless(tensor: string): boolean;
}

/** @throws AppError MODEL-FOLDER where there is none */
export async function checkFolder(path: string): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    throw folderError(path, 'there is no such folder', 'Check the path.', error);
  });
  if (!info.isDirectory()) throw folderError(path, 'this is not a folder', 'Choose the folder that holds config.json.');
}

/**
 * Opens the weights of a folder as `save_pretrained` or the Hugging Face cache leave it: one safetensors file or shards.
 * @throws AppError MODEL-FOLDER, MODEL-TENSORS, and those of the safetensors headers
 */
export async function openWeights(path: string, needed: WeightsNeeded): Promise<WeightsFolder> {
  return { path, ...selectTensors(path, needed, withPrefix(await findTensors(path), needed)) };
}

async function findTensors(path: string): Promise<ReadonlyMap<string, TensorInfo>> {
  if (await exists(join(path, SINGLE_FILE))) return (await openSafetensors(join(path, SINGLE_FILE))).tensors;
  if (await exists(join(path, INDEX_FILE))) return openShards(path);
  const legacy = (await exists(join(path, 'pytorch_model.bin'))) || (await exists(join(path, 'pytorch_model.bin.index.json')));
  throw folderError(
    path,
    legacy
      ? 'the weights are a PyTorch pickle (pytorch_model.bin), which can run code when it is read'
      : `there is no ${SINGLE_FILE} or ${INDEX_FILE}`,
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

/** A model saved without its head (LlamaModel) has names without the leading "model.": the same tensors, as transformers takes them. */
function withPrefix(found: ReadonlyMap<string, TensorInfo>, { prefix, tensors }: WeightsNeeded): ReadonlyMap<string, TensorInfo> {
  const names = [...tensors.keys()].filter((name) => name.startsWith(prefix));
  const isBare = names.some((name) => found.has(name.slice(prefix.length)));
  if (!isBare || names.some((name) => found.has(name))) return found;
  return new Map(
    [...found].map(([name, info]) => {
      const full = tensors.has(prefix + name) ? prefix + name : name;
      return [full, { ...info, name: full }];
    }),
  );
}

/** What stands before the expected names where all are missing, for the message. */
function strangerOf(missing: readonly string[], found: ReadonlyMap<string, TensorInfo>, prefix: string): string {
  const first = missing[0]!.startsWith(prefix) ? missing[0]!.slice(prefix.length) : missing[0]!;
  const other = [...found.keys()].find((name) => name.endsWith(`.${first}`));
  return other === undefined ? '' : `; the file calls the first one ${other}`;
}

type Selected = Pick<WeightsFolder, 'tensors' | 'unusedTensors'>;

function selectTensors(path: string, needed: WeightsNeeded, found: ReadonlyMap<string, TensorInfo>): Selected {
  const { family, tensors: expected, prefix } = needed;
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    const first = missing.slice(0, 3).join(', ');
    const stranger = strangerOf(missing, found, prefix);
    throw tensorsError(
      path,
      `${missing.length} of ${expected.size} tensors of a ${family} model are missing: ${first}${missing.length > 3 ? ', ...' : ''}${stranger}`,
    );
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, { shape }] of expected) {
    const info = found.get(name)!;
    if (info.shape.length !== shape.length || info.shape.some((dimension, axis) => dimension !== shape[axis])) {
      throw tensorsError(path, `tensor ${name} in ${info.file} has shape [${info.shape.join(', ')}], config.json asks for [${shape.join(', ')}]`);
    }
    if (!LOADABLE.has(info.dtype)) {
      throw tensorsError(path, `tensor ${name} in ${info.file} has dtype ${info.dtype}; F32, F16 and BF16 can be used`);
    }
    tensors.set(name, info);
  }
  const unusedTensors = [...found.keys()].filter((name) => !tensors.has(name) && !needed.isHarmless(name)).sort();
  return { tensors, unusedTensors };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
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
