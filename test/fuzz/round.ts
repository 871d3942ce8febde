/** @file Inputs for one target, slice after slice, each in a process of its own; what reaches something new is kept for the slices after. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from './scratch.ts';
import { runSlice, type Finding } from './slice.ts';
import { TARGETS } from './targets.ts';

const CORPUS = join(import.meta.dirname, 'corpus');
/** What was found once, made small; replayed by regressions.test.ts. */
export const FOUND = join(import.meta.dirname, 'found');

export interface RoundOptions {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  /** Wall clock (ms since 1970) to end at. */
  readonly until: number | null;
  /** False for a round too short to gain by what it would find to go on from. Default true. */
  readonly explores?: boolean;
}

export interface RoundResult {
  readonly target: string;
  readonly inputs: number;
  readonly answered: number;
  readonly findings: readonly Finding[];
  readonly kept: number;
  readonly slowest: number;
  readonly peak: number;
  readonly blocks: number;
  readonly seconds: number;
}

/** Inputs of a slice that explores, and how many times as many there are in each of the three after it, which go by what it kept. */
const EXPLORES = 3000;
const SLICES = [1, 8, 8, 8] as const;
/** Inputs kept beside the committed ones; the newest stay. */
const MAX_KEPT = 300;

export async function runRound({ target, seed, inputs, until, explores = true }: RoundOptions): Promise<RoundResult> {
  const began = performance.now();
  const root = await scratchFolder(target);
  const grown = join(root, 'grown');
  await mkdir(grown);
  const committed = [...(await filesOf(join(CORPUS, target))), ...(await filesOf(join(FOUND, target)))];
  if (committed.length === 0) throw new Error(`there is no corpus for ${target}`);
  let kept: string[] = [];
  const total = { inputs: 0, answered: 0, kept: 0, slowest: 0, peak: 0, blocks: 0 };
  const findings = new Map<string, Finding>();
  const isOver = (): boolean => total.inputs >= inputs || (until !== null && Date.now() >= until);
  for (let n = 0; !isOver(); n++) {
    const size = Math.min((TARGETS[target]?.explores ?? EXPLORES) * SLICES[n % SLICES.length]!, inputs - total.inputs);
    const slice = await runSlice({
      target,
      seed: (seed + n * 7919) >>> 0,
      inputs: size,
      corpus: [...committed, ...kept],
      folder: join(root, `slice-${n}`),
      explores: explores && n % SLICES.length === 0,
      until,
    });
    for (const finding of slice.findings) if (!findings.has(nameOf(finding))) findings.set(nameOf(finding), finding);
    for (const input of slice.kept) {
      const file = join(grown, `${total.kept++}`);
      await writeFile(file, input);
      kept = [...kept, file].slice(-MAX_KEPT);
    }
    total.inputs += slice.inputs;
    total.answered += slice.answered;
    total.slowest = Math.max(total.slowest, slice.slowest);
    total.peak = Math.max(total.peak, slice.peak);
    total.blocks = Math.max(total.blocks, slice.blocks);
    // A child that dies before its first input would be started for ever.
    if (slice.inputs === 0 && slice.findings.length > 0) break;
  }
  await rm(root, { recursive: true, force: true });
  return { target, ...total, findings: [...findings.values()], seconds: (performance.now() - began) / 1000 };
}

/** Findings of one cause have one name: the place of the error, without numbers. */
export function nameOf({ target, kind, detail }: Finding): string {
  const place = (/panicked at [^\n]*\/([\w-]+\.rs:\d+)/.exec(detail)?.[1] ?? detail.split('\n').slice(0, 3).join(' ').replace(/\d+/g, '#')).slice(
    0,
    300,
  );
  return `${target}-${kind}-${createHash('sha256')
    .update(kind === 'error' || kind === 'abort' ? place : kind)
    .digest('hex')
    .slice(0, 8)}`;
}

export async function filesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.toSorted().map((name) => join(folder, name));
}
