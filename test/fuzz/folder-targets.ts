/** @file Targets whose input is a folder (lay-folder.ts): adapters, runs with their checkpoints, imported datasets, encoded caches. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badRowPage } from '../../src/main/datasets/bad-row-page.ts';
import { exportedLines } from '../../src/main/datasets/exported-lines.ts';
import { mendRows } from '../../src/main/datasets/mend-rows.ts';
import { RowFile } from '../../src/main/datasets/row-file.ts';
import { compareVersions } from '../../src/main/datasets/version-comparison.ts';
import { EncodedDataset } from '../../src/main/engine/data/encoded-cache.ts';
import { readPeftAdapter } from '../../src/main/engine/adapters/peft-adapter.ts';
import { checkCheckpoint } from '../../src/main/engine/train/check-checkpoint.ts';
import { listCheckpoints, readCheckpoint, recoverCheckpoints } from '../../src/main/engine/train/checkpoint.ts';
import { STATE_FILE } from '../../src/main/engine/adapters/checkpoint-seal.ts';
import { flatLayout } from '../../src/main/engine/train/flat-layout.ts';
import { optimizerOf } from '../../src/main/engine/train/optim/optimizers.ts';
import { sealed, type TrainerState } from '../../src/main/engine/train/trainer-state.ts';
import { sealOfFile } from '../../src/main/files/seal.ts';
import { claimRun, claimToRemove, openRunFolder, removeRunFolder } from '../../src/main/services/runs/run-folder.ts';
import { RunLog } from '../../src/main/services/runs/run-log.ts';
import { canonicalJson } from '../../src/shared/lib/canonical-json.ts';
import { layFolder, objectOf, type Laid } from './lay-folder.ts';
import type { Target } from './targets.ts';

/** Of the model that the corpus's adapters are for (test/parity/fixtures/models/llama-untied). */
const LINEARS = [0, 1].flatMap((layer) =>
  [
    ...[
      ['q_proj', 45, 48],
      ['k_proj', 45, 16],
      ['v_proj', 45, 16],
      ['o_proj', 48, 45],
    ].map((each) => ['self_attn', ...each] as const),
    ...[
      ['gate_proj', 45, 77],
      ['up_proj', 45, 77],
      ['down_proj', 77, 45],
    ].map((each) => ['mlp', ...each] as const),
  ].map(([part, name, inputs, outputs]) => ({
    path: `model.layers.${layer}.${part}.${name}`,
    in: inputs as number,
    out: outputs as number,
    bias: false,
  })),
);

/** As the corpus's checkpoints have it. */
const LAYOUT = flatLayout([['model.layers.0.self_attn.q_proj.lora_A', [3, 45]]]);

export const FOLDER_TARGETS = {
  /** `files` of an adapter. */
  adapter: {
    share: 3,
    explores: 1500,
    structure: 0.97,
    async run(input, folder) {
      await layFolder(join(folder, 'adapter'), filesIn(input));
      await readPeftAdapter(join(folder, 'adapter'), LINEARS);
    },
  },
  /** `files` of a run; with `reseal`, hashes are made anew after whatever was changed, as a stranger would. */
  'run-folder': {
    share: 1,
    explores: 600,
    structure: 0.97,
    async run(input, folder) {
      const dir = join(folder, 'run');
      await layFolder(dir, filesIn(input));
      if (objectOf(input)?.['reseal'] === true) for (const { path } of await listCheckpoints(dir)) await reseal(path);
      await goThrough(dir);
    },
  },
  /** `files` of an imported dataset. */
  'imported-rows': {
    share: 1,
    explores: 600,
    structure: 0.97,
    async run(input, folder) {
      const dir = join(folder, 'rows');
      await layFolder(dir, filesIn(input));
      await lookInto(dir);
    },
  },
  /** `files` of an encoded dataset; with `reseal` as above. */
  'encoded-cache': {
    share: 2,
    explores: 600,
    structure: 0.97,
    async run(input, folder) {
      const dir = join(folder, 'cache');
      await layFolder(dir, filesIn(input));
      if (objectOf(input)?.['reseal'] === true) await resealCache(dir);
      const cache = await EncodedDataset.open(dir);
      try {
        for (let row = 0; row < Math.min(4, cache.rows); row++) await cache.read(row);
      } finally {
        await cache.close();
      }
    },
  },
} satisfies Readonly<Record<string, Target>>;

function filesIn(input: Buffer): Laid {
  const files = objectOf(input)?.['files'];
  return typeof files === 'object' && files !== null ? (files as Laid) : {};
}

/** All that anybody does with the folder of a run; each may refuse it by itself. */
async function goThrough(dir: string): Promise<void> {
  const refused: unknown[] = [];
  const attempt = async (act: () => Promise<unknown>): Promise<void> => void (await act().catch((error: unknown) => refused.push(error)));
  await attempt(async () => {
    const { recipe } = await openRunFolder(dir);
    await recoverCheckpoints(dir);
    for (const found of await listCheckpoints(dir)) {
      await checkCheckpoint(found, recipe);
      await attempt(() => readCheckpoint(found.path, LAYOUT, optimizerOf(recipe)));
    }
    const log = await RunLog.open(dir, { onFailure: (error) => refused.push(error), onFull: () => undefined, onRoom: () => undefined });
    log.append({ kind: 'log', level: 'info', message: 'fuzz' });
    await log.close();
    const { claim } = await claimRun(dir);
    claim?.release();
  });
  await attempt(async () => {
    const claim = await claimToRemove(dir);
    if (claim !== null) await removeRunFolder(claim);
  });
  if (refused.length > 0) throw worst(refused);
}

/** What is no answer of ours, before what is. */
function worst(errors: readonly unknown[]): unknown {
  return errors.find((error) => (error as Error).name !== 'AppError') ?? errors[0];
}

async function reseal(checkpoint: string): Promise<void> {
  try {
    const { version: _, seal: __, ...state } = JSON.parse(await readFile(join(checkpoint, STATE_FILE), 'utf8')) as TrainerState;
    const files = Object.fromEntries(
      await Promise.all(
        (await readdir(checkpoint))
          .filter((name) => name !== STATE_FILE)
          .map(async (name) => [name, await sealOfFile(join(checkpoint, name))] as const),
      ),
    );
    await writeFile(join(checkpoint, STATE_FILE), JSON.stringify(sealed({ ...state, files })));
  } catch {
    // Nothing that can be sealed: it stays as it is.
  }
}

async function resealCache(dir: string): Promise<void> {
  try {
    const hash = async (name: string) =>
      createHash('sha256')
        .update(await readFile(join(dir, name)))
        .digest('hex');
    const meta = {
      ...(JSON.parse(await readFile(join(dir, 'meta.json'), 'utf8')) as object),
      tokens: await hash('tokens.bin'),
      index: await hash('index.bin'),
      seal: undefined,
    };
    const seal = createHash('sha256').update(canonicalJson(meta)).digest('hex');
    await writeFile(join(dir, 'meta.json'), JSON.stringify({ ...meta, seal }));
  } catch {
    // As above.
  }
}

async function lookInto(dir: string): Promise<void> {
  const file = join(dir, 'rows.jsonl');
  const refused: unknown[] = [];
  const attempt = async (act: () => Promise<unknown>): Promise<void> => void (await act().catch((error: unknown) => refused.push(error)));
  await attempt(async () => {
    const rows = (await RowFile.openIndexed(file)) ?? (await RowFile.open(file));
    await rows.kind();
    rows.bytesOf([0, 1]);
    await rows.rowBytes(0);
    await rows.read(Array.from({ length: Math.min(3, rows.rows) }, (_, row) => row));
    for await (const _ of rows.linesFrom(1)) break;
  });
  await attempt(async () => void (await badRowPage(join(dir, 'bad-rows.jsonl'), 0, 10)));
  await attempt(() => mendRows(dir, [{ source: 1, text: '{"text":"a","messages":[]}' }]));
  await attempt(async () => {
    for await (const _ of exportedLines(file)) void _;
  });
  await attempt(() => compareVersions(file, join(dir, 'other.jsonl')));
  await rm(dir, { recursive: true, force: true });
  if (refused.length > 0) throw worst(refused);
}
