/** @file `node bench/gpu/decode.ts MODEL [--device D]`: greedy decoding, one row (base) and two (base and an adapter side by side). */
import type { BackendSession } from '../../src/main/engine/backends/backend.ts';
import type { ColumnAdapter, Columns } from '../../src/main/engine/generate/columns.ts';
import { Generator } from '../../src/main/engine/generate/generator.ts';
import { choosePrecision } from '../../src/main/engine/models/precision.ts';
import { openBackend } from '../../src/main/engine/open-backend.ts';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { parsePart, withFolder, type Part } from './place.ts';
import { addRandomModel, randomIds } from './random-model.ts';
import { tell, tellCheck } from './records.ts';
import { modelOfShape, loraTargets } from './shapes.ts';

const PROMPT = 64;
const TOKENS = 256;
const GREEDY = { doSample: false, temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 } as const;

function randomAdapter(model: string): ColumnAdapter {
  const draw = seededRandom(4);
  const numbers = (length: number) => Float32Array.from({ length }, () => (2 * draw() - 1) * 0.02);
  const pairs = new Map(
    loraTargets(modelOfShape(model)).map(({ linear, rank, scale }) => [
      linear.path,
      { a: numbers(rank * linear.in), b: numbers(linear.out * rank), rank, scale },
    ]),
  );
  return { pairs, tables: new Map() };
}

interface Decoded {
  readonly ids: readonly number[];
  /** Steps a second from the first token to the last. */
  readonly rate: number;
}

async function decode(generator: Generator, prompt: readonly number[], maxNewTokens: number): Promise<Decoded> {
  const ids: number[] = [];
  const times: number[] = [];
  for await (const { column, id } of generator.generate({
    prompts: generator.alike(prompt),
    maxNewTokens,
    sampling: GREEDY,
    seed: 0,
    stopIds: new Set(),
  })) {
    ids.push(id);
    if (column === 0) times.push(performance.now());
  }
  return { ids, rate: ((times.length - 1) * 1000) / (times.at(-1)! - times[0]!) };
}

/** @param steps tokens made in the timed round */
async function measure(session: BackendSession, model: string, dtype: 'f32' | 'bf16', columns: Columns, steps: number): Promise<void> {
  const built = modelOfShape(model);
  await addRandomModel(session, built, dtype);
  const weights = session.memory().weights;
  const generator = await Generator.open(session, built, dtype, columns);
  const prompt = [...randomIds(built, PROMPT, 5)];
  // The same length, so that cache and programs are those of the timed round.
  const first = await decode(generator, prompt, steps);
  const { ids, rate } = await decode(generator, prompt, steps);
  const label = columns.map((column) => (column === null ? 'base' : 'adapter')).join(' + ');
  tell({ kind: 'decode', model, columns: label, tokens: steps, tokensPerSecond: rate, gigabytesPerSecond: (rate * weights) / 1e9 });
  tellCheck(
    'decode',
    `${model} ${label}: the same tokens again`,
    ids.every((id, i) => id === first.ids[i]),
    `${ids.length} tokens`,
  );
}

async function main({ device, steps, names }: Part): Promise<void> {
  await withFolder(async (cacheDir) => {
    const backend = await openBackend(device, { threads: null, cacheDir });
    const dtype = choosePrecision('auto', backend.info);
    for (const model of names) {
      for (const columns of [[null], [null, randomAdapter(model)]]) {
        const session = await backend.open();
        try {
          await measure(session, model, dtype, columns, device === 'cuda' ? TOKENS : steps);
        } finally {
          await session.dispose();
        }
      }
    }
  });
}

await main(parsePart(process.argv.slice(2)));
