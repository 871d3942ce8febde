import { join } from 'node:path';
import { AppError } from '../../../shared/lib/app-error.ts';
import { writeError } from '../../../shared/lib/write-error.ts';
import type { LinearSpec, TableSpec } from '../nn/parameters.ts';
import type { FileSystem } from '../../files/file-system.ts';
import { makeFolder, makeOwnFolder } from '../../files/folders.ts';
import type { FileSeal } from '../../files/seal.ts';
import { writeFileAtomically, writeFileSynced } from '../../files/write-file.ts';
import { readJsonFile } from '../weights/json-file.ts';
import { f32Tensor, openSafetensors, type SafetensorsHeader, type TensorInfo, writeSafetensors } from '../weights/safetensors.ts';
import { refuseChanged } from './checkpoint-seal.ts';
import { notAPairError, weightsFileOf } from './foreign-adapter.ts';
import { NO_RESTRICTION, namesFor, selectedPaths } from './module-selection.ts';
import { valueForPath } from './pattern-key.ts';
import { formatPeftConfig, type LoraConfigParsed, parsePeftConfig } from './peft-config.ts';
import { moduleKey, readModules, type SavedModule } from './saved-modules.ts';
import { checkShape, PREFIX, readNumbers, tensorError } from './tensor-checks.ts';

export type { LoraConfigParsed } from './peft-config.ts';
export type { SavedModule } from './saved-modules.ts';

export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors';
export const ADAPTER_CONFIG_FILE = 'adapter_config.json';

/** The two factors of one adapted linear layer: delta W = scale * B * A. */
export interface LoraPair {
  /** [rank, in], row-major float32. */
  readonly a: Float32Array;
  /** [out, rank], row-major float32. */
  readonly b: Float32Array;
  readonly rank: number;
  readonly alpha: number;
}

export interface AdapterTensors {
  readonly config: LoraConfigParsed;
  /** By module path, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly tensors: ReadonlyMap<string, LoraPair>;
  /** Tables saved whole, float32 [vocab, width] by module path, e.g. `lm_head`; absent: none. */
  readonly modules?: ReadonlyMap<string, SavedModule>;
}

export interface AdapterOnDisk extends AdapterTensors {
  /** What a person should know of it. */
  readonly notices: readonly string[];
}

/** The factor s of y = base(x) + s B A x: alpha / r, or alpha / sqrt(r) with rank-stabilised LoRA (spec 6.1). */
export function loraScale(pair: Pick<LoraPair, 'rank' | 'alpha'>, useRslora: boolean): number {
  return pair.alpha / (useRslora ? Math.sqrt(pair.rank) : pair.rank);
}

/**
 * Reads a PEFT LoRA adapter and checks it against the model it is for. F16, BF16 and F64 tensors become float32.
 * @param linears the model's adaptable layers in execution order; the result keeps it
 * @param tables what may be saved whole beside them
 * @throws AppError ADAPTER-CONFIG, ADAPTER-UNSUPPORTED, ADAPTER-TENSORS, CHECKPOINT-DAMAGED, and those of the files
 */
export async function readPeftAdapter(folder: string, linears: readonly LinearSpec[], tables: readonly TableSpec[] = []): Promise<AdapterOnDisk> {
  await refuseChanged(folder, [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE]);
  const configFile = join(folder, ADAPTER_CONFIG_FILE);
  const config = parsePeftConfig(await readJsonFile(configFile), configFile);
  const header = await openSafetensors(await weightsFileOf(folder, ADAPTER_WEIGHTS_FILE));
  const saved = await readModules(header, configFile, config, tables);
  const modules = new Map(linears.map((linear) => [linear.path, linear]));
  const tensors = new Map<string, LoraPair>();
  for (const [path, { a, b }] of pairsOf(header, modules, saved)) {
    const rank = valueForPath(config.rankPattern, path, config.r);
    const alpha = valueForPath(config.alphaPattern, path, config.loraAlpha);
    const module = modules.get(path)!;
    checkShape(a, [rank, module.in]);
    checkShape(b, [module.out, rank]);
    tensors.set(path, { a: await readNumbers(a), b: await readNumbers(b), rank, alpha });
  }
  return { ...asSelected(folder, config, inModelOrder(tensors, modules), [...modules.keys()]), ...(saved.size > 0 ? { modules: saved } : {}) };
}

/**
 * Holds the config against the weights, as PEFT does when it loads them: pairs outside the config's selection are left out, and
 * what the selection has and the file lacks is said. The config that is returned selects exactly the pairs that are returned.
 */
function asSelected(folder: string, config: LoraConfigParsed, tensors: ReadonlyMap<string, LoraPair>, all: readonly string[]): AdapterOnDisk {
  const selected = selectedPaths(config, all) ?? [...tensors.keys()];
  const used = new Map([...tensors].filter(([path]) => selected.includes(path)));
  const missing = selected.filter((path) => !tensors.has(path));
  const foreign = [...tensors.keys()].filter((path) => !used.has(path));
  if (used.size === 0) throw notSelectedError(folder, config, [...tensors.keys()]);
  const notices: string[] = [];
  if (missing.length > 0)
    notices.push(
      `${folder}: the adapter lacks the weights of ${missing.length} of the ${selected.length} layers that its config names (${firstOf(missing)}). Those layers stay as in the base model.`,
    );
  if (foreign.length > 0)
    notices.push(
      `${folder}: the adapter has weights for ${foreign.length} layers that its config does not name (${firstOf(foreign)}). They are not used, as in PEFT.`,
    );
  const isExact = missing.length === 0 && selectedPaths(config, all) !== null;
  return { config: isExact ? config : { ...config, ...NO_RESTRICTION, targetModules: namesFor([...used.keys()], all) }, tensors: used, notices };
}

function firstOf(paths: readonly string[]): string {
  return `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', ...' : ''}`;
}

function notSelectedError(folder: string, { targetModules }: LoraConfigParsed, paths: readonly string[]): AppError {
  return new AppError({
    code: 'ADAPTER-CONFIG',
    message: `${join(folder, ADAPTER_CONFIG_FILE)}: it names none of the layers that the weights are for (target_modules ${JSON.stringify(targetModules).slice(0, 200)}; weights for ${firstOf(paths)}).`,
    data: { folder },
    remedy: 'Choose the folder of a LoRA adapter as PEFT saves it: config and weights belong together.',
  });
}

export interface WriteAdapterOptions {
  readonly fs?: FileSystem;
  /** False inside a folder that is renamed as a whole. Default true. */
  readonly atomic?: boolean;
  /** Whether a person chose the folder: their own link to one is followed. In a folder of ours nothing is. Default false. */
  readonly chosen?: boolean;
}

/**
 * Writes a PEFT 0.21 adapter folder, creating it if needed: weights first, so that a folder with a config is complete.
 * Ranks and alphas that differ from the config's are written as patterns of exact module paths.
 * @returns the files by name, as they were written
 * @throws AppError DISK-FULL, FILE-DENIED, FILE-WRITE, NOT-OURS
 */
export async function writePeftAdapter(
  folder: string,
  adapter: AdapterTensors,
  options: WriteAdapterOptions = {},
): Promise<Readonly<Record<string, FileSeal>>> {
  await (options.chosen ? makeFolder : makeOwnFolder)(folder).catch((error: unknown) => {
    throw writeError(folder, error);
  });
  const tensors = [...adapter.tensors].flatMap(([path, pair]) => {
    const inWidth = pair.a.length / pair.rank;
    const outWidth = pair.b.length / pair.rank;
    return [
      f32Tensor(`${PREFIX}${path}.lora_A.weight`, [pair.rank, inWidth], pair.a),
      f32Tensor(`${PREFIX}${path}.lora_B.weight`, [outWidth, pair.rank], pair.b),
    ];
  });
  const modules = [...(adapter.modules ?? [])].map(([path, { table, values }]) => f32Tensor(moduleKey(path), [table.vocab, table.width], values));
  const weights = await writeSafetensors(join(folder, ADAPTER_WEIGHTS_FILE), [...tensors, ...modules], options);
  const text = new TextEncoder().encode(formatPeftConfig(withExactPatterns(adapter)));
  const write = options.atomic === false ? writeFileSynced : writeFileAtomically;
  const config = await write(join(folder, ADAPTER_CONFIG_FILE), (sink) => sink(text), options.fs);
  return { [ADAPTER_WEIGHTS_FILE]: weights, [ADAPTER_CONFIG_FILE]: config };
}

const KEY = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

interface PairInfo {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}

function pairsOf(
  header: SafetensorsHeader,
  modules: ReadonlyMap<string, LinearSpec>,
  saved: ReadonlyMap<string, SavedModule>,
): Map<string, PairInfo> {
  const halves = new Map<string, Partial<PairInfo>>();
  const whole = new Set([...saved.keys()].map(moduleKey));
  for (const info of header.tensors.values()) {
    if (whole.has(info.name)) continue;
    const [, path, half] = KEY.exec(info.name) ?? [];
    if (path === undefined) throw notAPairError(info);
    if (!modules.has(path)) throw tensorError(info, `the model has no linear layer "${path}" that LoRA can adapt`);
    halves.set(path, { ...halves.get(path), [half === 'A' ? 'a' : 'b']: info });
  }
  const pairs = new Map<string, PairInfo>();
  for (const [path, { a, b }] of halves) {
    if (a === undefined) throw tensorError(b!, 'its lora_A half is missing');
    if (b === undefined) throw tensorError(a, 'its lora_B half is missing');
    pairs.set(path, { a, b });
  }
  if (pairs.size > 0) return pairs;
  throw new AppError({ code: 'ADAPTER-TENSORS', message: `${header.file}: there are no adapter weights in it.`, data: { file: header.file } });
}

function inModelOrder<T>(values: ReadonlyMap<string, T>, modules: ReadonlyMap<string, LinearSpec>): Map<string, T> {
  return new Map([...modules.keys()].filter((path) => values.has(path)).map((path) => [path, values.get(path)!]));
}

function withExactPatterns({ config, tensors }: AdapterTensors): LoraConfigParsed {
  const rankPattern: Record<string, number> = {};
  const alphaPattern: Record<string, number> = {};
  for (const [path, pair] of tensors) {
    if (pair.rank !== config.r) rankPattern[path] = pair.rank;
    if (pair.alpha !== config.loraAlpha) alphaPattern[path] = pair.alpha;
  }
  return { ...config, rankPattern, alphaPattern };
}
