/**
 * @file One slice of inputs in a process of its own, so that a crash, a hang or a flood of memory ends this alone. The input at hand stands in a
 * file, since a process that aborts cannot tell it.
 */
import { mkdirSync, openSync, writeSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../src/shared/lib/seeded-random.ts';
import { AT_HAND, type Report, type Slice } from './child-protocol.ts';
import { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { FAULTY, isAppError, TARGETS } from './targets.ts';

/** Inputs between two looks at what has run: a look takes as long as hundreds of them, and after a while finds little. */
const BATCHES = { first: 100, most: 6400 } as const;
/** Bytes of an input that is kept. */
const MOST_KEPT = 20_000;

const tell = (report: Report): void => void process.send!(report);

process.once('message', (slice: Slice) => void run(slice).then(() => process.disconnect()));

async function run({ target: name, seed, inputs, corpus: files, folder, explores, until }: Slice): Promise<void> {
  const target = name === 'faulty' ? FAULTY : TARGETS[name]!;
  const work = join(folder, 'work');
  mkdirSync(work, { recursive: true });
  process.chdir(work);
  await target.prepare?.(work);
  const random = seededRandom(seed);
  const corpus: Buffer[] = await Promise.all(files.map((file) => readFile(file)));
  const coverage = new Coverage();
  if (explores) await coverage.start();
  const hand = openSync(join(folder, AT_HAND), 'w');
  const seen = new Set<string>();
  let answered = 0;
  let slowest = 0;
  const once = async (input: Buffer): Promise<void> => {
    const began = performance.now();
    try {
      await target.run(input, work);
      answered++;
    } catch (error) {
      if (!isAppError(error)) {
        const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
        const place = detail.split('\n').slice(0, 3).join(' ').replace(/\d+/g, '#').slice(0, 300);
        if (!seen.has(place)) tell({ kind: 'finding', what: 'error', detail: detail.slice(0, 2000), input: input.toString('base64') });
        seen.add(place);
      }
    }
    slowest = Math.max(slowest, performance.now() - began);
  };
  let begun = 0;
  const read = async (input: Buffer): Promise<void> => {
    writeSync(hand, atHand(++begun, input), 0, 8 + input.length, 0);
    await once(input);
  };
  for (const input of corpus) await read(input);
  if (explores) await coverage.isNew();
  let batch: Buffer[] = [];
  let size: number = BATCHES.first;
  let count = 0;
  const isOver = (): boolean => count >= inputs || (until !== null && Date.now() >= until);
  for (; !isOver(); count++) {
    const input = mutate(corpus[Math.floor(random() * corpus.length)]!, corpus, random, target.structure);
    await read(input);
    if (!explores) continue;
    batch.push(input);
    if (batch.length < size) continue;
    if (await coverage.isNew()) {
      size = Math.max(BATCHES.first, size / 4);
      const found = await reaching(batch, read, coverage);
      if (found !== null && found.length < MOST_KEPT) {
        corpus.push(found);
        tell({ kind: 'kept', input: found.toString('base64') });
      }
    } else size = Math.min(BATCHES.most, size * 2);
    batch = [];
  }
  await target.end?.();
  await rm(work, { recursive: true, force: true });
  tell({ kind: 'done', inputs: count, answered, slowest, peak: process.resourceUsage().maxRSS * 1024, blocks: coverage.blocks });
}

function atHand(count: number, input: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(count, 0);
  head.writeUInt32LE(input.length, 4);
  return Buffer.concat([head, input]);
}

/** One input of a batch that reached something new, found by halves; what others reached will be found again. */
async function reaching(batch: readonly Buffer[], read: (input: Buffer) => Promise<void>, coverage: Coverage): Promise<Buffer | null> {
  let left = batch;
  while (left.length > 1) {
    coverage.forgetLast();
    const half = left.slice(0, Math.ceil(left.length / 2));
    for (const input of half) await read(input);
    left = (await coverage.isNew()) ? half : left.slice(half.length);
  }
  const [input] = left;
  if (input === undefined) return null;
  coverage.forgetLast();
  await read(input);
  return (await coverage.isNew()) ? input : null;
}
