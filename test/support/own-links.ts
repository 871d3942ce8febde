/** @file Every name of ours in the folder of a run, as a link, a second name or a thing that it must not be. For attacks on whoever uses such a folder. */
import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RUN_LOCKS } from '../../src/main/files/run-locks.ts';

/** A file and a folder of somebody's, which nothing may change. */
export interface Victim {
  readonly file: string;
  readonly folder: string;
}

export interface PlantedLink {
  readonly name: string;
  /** The path, from the run's folder, that has to be named. */
  readonly path: string;
  readonly plant: (run: string, victim: Victim) => Promise<void>;
}

const FILES = ['recipe.json', 'status.json', 'events.jsonl', RUN_LOCKS.host, RUN_LOCKS.engine];
const FOLDERS = ['adapter', 'checkpoint-4', '.checkpoint-4.new', '.checkpoint-4.old', '.checkpoint-4.gone'];
const INSIDE = [
  'adapter/adapter_config.json',
  'adapter/adapter_model.safetensors',
  'adapter/x',
  'checkpoint-4/adapter_config.json',
  'checkpoint-4/adapter_model.safetensors',
  'checkpoint-4/optimizer.safetensors',
  'checkpoint-4/trainer_state.json',
  'checkpoint-4/deep/x',
  '.checkpoint-8.new/optimizer.safetensors',
];

async function replaced(path: string, make: () => Promise<void>): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await make();
}

export const PLANTED_LINKS: readonly PlantedLink[] = [
  ...[...FILES, ...INSIDE].map((path): PlantedLink => ({
    name: `${path} -> a file`,
    path,
    plant: (run, { file }) => replaced(join(run, path), () => symlink(file, join(run, path))),
  })),
  ...[...FOLDERS, ...INSIDE.slice(0, 3)].map((path): PlantedLink => ({
    name: `${path} -> a folder`,
    path,
    plant: (run, { folder }) => replaced(join(run, path), () => symlink(folder, join(run, path))),
  })),
  ...['events.jsonl', 'adapter', 'checkpoint-4'].map((path): PlantedLink => ({
    name: `${path} -> nothing yet`,
    path,
    plant: (run, { file }) => replaced(join(run, path), () => symlink(`${file}-new`, join(run, path))),
  })),
  {
    name: 'events.jsonl is a second name of a file',
    path: 'events.jsonl',
    plant: (run, { file }) => replaced(join(run, 'events.jsonl'), () => link(file, join(run, 'events.jsonl'))),
  },
  { name: 'adapter is a file', path: 'adapter', plant: (run) => replaced(join(run, 'adapter'), () => writeFile(join(run, 'adapter'), '')) },
  {
    name: 'status.json is a folder',
    path: 'status.json',
    plant: (run) => replaced(join(run, 'status.json'), async () => void (await mkdir(join(run, 'status.json')))),
  },
];
