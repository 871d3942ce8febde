/** @file What disks, programs and people do to a checkpoint, as a table: every row of it must be seen. */
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CheckpointDamage {
  readonly name: string;
  /** File that has to be named; null where it is the folder. */
  readonly file: string | null;
  /** @param checkpoint folder of the newest checkpoint @param earlier folder of the one before it */
  readonly damage: (checkpoint: string, earlier: string) => Promise<void>;
}

const FILES = ['adapter_config.json', 'adapter_model.safetensors', 'optimizer.safetensors', 'trainer_state.json'];
const STATE = 'trainer_state.json';

async function changeBytes(path: string, change: (bytes: Buffer) => void): Promise<void> {
  const bytes = await readFile(path);
  change(bytes);
  await writeFile(path, bytes);
}

interface State {
  readonly global_step: number;
  readonly epoch: number;
  readonly tokens_seen: number;
  readonly log_history: readonly { readonly step: number; readonly values: Readonly<Record<string, number>> }[];
  readonly data_position: { readonly epoch: number; readonly micro_batch: number };
}

async function changeState(checkpoint: string, change: (state: State) => object): Promise<void> {
  const state = JSON.parse(await readFile(join(checkpoint, STATE), 'utf8')) as State;
  await writeFile(join(checkpoint, STATE), `${JSON.stringify({ ...state, ...change(state) }, null, 2)}\n`);
}

/** As versions before the seal wrote it. */
export async function unseal(checkpoint: string): Promise<void> {
  await changeState(checkpoint, ({ log_history: lines }) => ({
    version: 1,
    inputs: undefined,
    files: undefined,
    seal: undefined,
    log_history: lines.map(({ step, values: { loss, grad_norm, learning_rate, num_tokens: tokens } }) => ({
      step,
      loss,
      grad_norm,
      learning_rate,
      tokens,
    })),
  }));
}

/** Where a bit is flipped, as a share of the file. */
const PLACES = [
  ['the first byte', 0],
  ['the header', 0.002],
  ['a third', 1 / 3],
  ['two thirds', 2 / 3],
  ['the last byte', 1],
] as const;

const ANY_FILE: readonly CheckpointDamage[] = FILES.flatMap((file): readonly CheckpointDamage[] => [
  ...PLACES.map(([place, share], i): CheckpointDamage => ({
    name: `${file}: a bit flipped at ${place}`,
    file,
    damage: (folder) =>
      changeBytes(join(folder, file), (bytes) => {
        bytes[Math.round(share * (bytes.length - 1))]! ^= 1 << i;
      }),
  })),
  { name: `${file}: missing`, file, damage: (folder) => rm(join(folder, file)) },
  { name: `${file}: empty`, file, damage: (folder) => truncate(join(folder, file), 0) },
  { name: `${file}: cut by a byte`, file, damage: async (folder) => truncate(join(folder, file), (await readFile(join(folder, file))).length - 1) },
  {
    name: `${file}: cut in half`,
    file,
    damage: async (folder) => truncate(join(folder, file), Math.floor((await readFile(join(folder, file))).length / 2)),
  },
  { name: `${file}: filled with zeros`, file, damage: (folder) => changeBytes(join(folder, file), (bytes) => bytes.fill(0)) },
  {
    name: `${file}: zeros from the middle on, as after a power cut`,
    file,
    damage: (folder) => changeBytes(join(folder, file), (bytes) => bytes.fill(0, bytes.length >> 1)),
  },
  {
    name: `${file}: that of the checkpoint before`,
    file,
    damage: async (folder, earlier) => {
      await rm(join(folder, file));
      await cp(join(earlier, file), join(folder, file));
    },
  },
]);

/** A config is the same in every checkpoint, and the last byte of a state is a line's end. */
const HARMLESS = new Set(['adapter_config.json: that of the checkpoint before', 'trainer_state.json: cut by a byte']);

const STATES: readonly CheckpointDamage[] = (
  [
    ['another step', (state) => ({ global_step: state.global_step - 1 })],
    ['a later step', (state) => ({ global_step: state.global_step + 3 })],
    ['the next micro-batch', ({ data_position: at }) => ({ data_position: { ...at, micro_batch: at.micro_batch + 1 } })],
    ['a micro-batch far away', ({ data_position: at }) => ({ data_position: { ...at, micro_batch: 99_999_999 } })],
    ['another epoch', (state) => ({ epoch: state.epoch + 0.1 })],
    ['other tokens', (state) => ({ tokens_seen: state.tokens_seen + 1 })],
  ] satisfies readonly (readonly [string, (state: State) => object])[]
).map(([name, change]) => ({ name: `trainer_state.json: ${name}`, file: STATE, damage: (folder) => changeState(folder, change) }));

const SEALS: readonly CheckpointDamage[] = [
  { name: 'trainer_state.json: another seed', file: STATE, damage: (folder) => changeState(folder, () => ({ rng: { seed: 1 } })) },
  { name: 'trainer_state.json: no seal', file: STATE, damage: (folder) => changeState(folder, () => ({ seal: null })) },
  { name: 'trainer_state.json: no list of files', file: STATE, damage: (folder) => changeState(folder, () => ({ files: null })) },
  {
    name: 'bytes behind the end of the optimizer',
    file: 'optimizer.safetensors',
    damage: async (folder) => writeFile(join(folder, 'optimizer.safetensors'), 'more', { flag: 'a' }),
  },
  {
    name: 'all files of the checkpoint before',
    file: STATE,
    damage: async (folder, earlier) => {
      for (const name of await readdir(earlier)) await cp(join(earlier, name), join(folder, name));
    },
  },
  {
    name: 'an empty folder',
    file: null,
    damage: async (folder) => {
      for (const name of await readdir(folder)) await rm(join(folder, name));
    },
  },
];

/** Damage that every checkpoint of today shows. */
export const CHECKPOINT_DAMAGE: readonly CheckpointDamage[] = [...ANY_FILE.filter(({ name }) => !HARMLESS.has(name)), ...STATES, ...SEALS];
/** What can be seen without a seal too, in checkpoints of versions before it. */
export const UNSEALED_DAMAGE: readonly CheckpointDamage[] = [
  ...ANY_FILE.filter(({ name }) => /: (?:missing|empty|cut|filled)/.test(name) && !HARMLESS.has(name)),
  ...STATES,
];
