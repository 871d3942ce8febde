/**
 * @file Every op case on the GPU against the reference: `node bench/gpu/ops.ts [part of a case's name] [--products mma|wgmma]`
 * (only those matrix kernels wherever they take a product). Memory is filled with NaN
 * before each run; the same run twice, and eager against captured graph, must agree to the bit. Prints failures, then one line.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCudaBackend } from '../../src/main/engine/backends/cuda/cuda-backend.ts';
import type { BackendSession, Feeds, HostTensor, Program } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { Graph } from '../../src/main/engine/ir/graph.ts';
import { gradientCases, opCases } from '../../test/backends/cases.ts';
import { caseGraph, withGradients, type OpCase } from '../../test/backends/op-case.ts';
import { TOLERANCE, worstElement } from '../../test/backends/tensor-error.ts';
import { alignedCases } from './aligned-cases.ts';
import { attentionPairs, errorRatio, exactGraph, MOST_OF_REFERENCE_ERROR } from './attention-cases.ts';

type Outputs = Readonly<Record<string, HostTensor>>;

/**
 * Activations of the aligned bf16 linears: the reference rounds three times (product, bias, adapter) where our kernel adds in f32
 * and rounds once, so they may lie three units of bf16 apart, also where a gradient by an f32 input is such a value widened.
 */
const THREE_ROUNDINGS = 3 * 2 ** -7;
const ROUNDED_ACTIVATIONS = /^(y\d*|d\.x)$/;

/**
 * Gradients by the adapter of those linears are sums over the rows whose factors are products rounded to bf16. Where a product lies
 * near the middle of two bf16 values, f32 sums of another order round it the other way: one term of the sum moves by one unit, up to
 * 2^-7 of it. Terms are at most 6 times their root mean square here, and the sum's is sqrt(rows) times that of a term.
 */
const ROUNDED_FACTORS = /^d\.[ab]\d*$/;
const oneTermMoved = (rows: number) => (6 * 2 ** -7) / Math.sqrt(rows);

function toleranceOf(test: OpCase, name: string, { dtype }: HostTensor, feeds: Feeds): number {
  const aligned = alignedCases.some(({ name: own }) => test.name.startsWith(own));
  if (!aligned || test.op !== 'linear') return TOLERANCE[dtype];
  if (ROUNDED_FACTORS.test(name)) return oneTermMoved(feeds['x']!.shape[0]!);
  return ROUNDED_ACTIVATIONS.test(name) ? THREE_ROUNDINGS : TOLERANCE[dtype];
}

function worstError(got: HostTensor, want: HostTensor): number {
  const sameType = got.dtype === want.dtype && got.shape.join() === want.shape.join();
  return sameType ? worstElement(got, want).error : Infinity;
}

function sameBits(a: Outputs, b: Outputs): boolean {
  return Object.keys(a).every((name) => Buffer.compare(bytes(a[name]!), bytes(b[name]!)) === 0);
}

function bytes({ data }: HostTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

async function runs(session: BackendSession, graph: Graph, feeds: Feeds, times: number): Promise<readonly Outputs[]> {
  const program: Program = await session.compile(graph);
  try {
    // All asked for before any is read: more than there are stages for.
    const pending = Array.from({ length: times }, () => program.enqueue(feeds));
    return await Promise.all(pending.map((run) => run.read()));
  } finally {
    await program.dispose();
  }
}

async function check(test: OpCase, gpu: BackendSession, reference: BackendSession): Promise<string | null> {
  const feeds = test.feeds(1);
  const [want] = await runs(reference, caseGraph(test), feeds, 1);
  const ours = await runs(gpu, caseGraph(test), feeds, 3);
  const exactly = exactGraph(test);
  const [exact] = exactly ? await runs(reference, exactly, feeds, 1) : [];
  for (const [name, tensor] of Object.entries(want!)) {
    const got = ours[0]![name]!;
    const error = exact ? errorRatio(got, tensor, exact[name]!) : worstError(got, tensor);
    const most = exact ? MOST_OF_REFERENCE_ERROR : toleranceOf(test, name, tensor, feeds);
    if (error > most)
      return `${name} ${tensor.dtype}[${tensor.shape.join()}] error ${error.toExponential(2)}${exact ? " times the reference's" : ''}`;
  }
  return reproducible(ours);
}

function reproducible([eager, captured, again]: readonly Outputs[]): string | null {
  if (!sameBits(eager!, captured!)) return 'captured graph differs from eager run';
  return sameBits(captured!, again!) ? null : 'rerun differs';
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { products: { type: 'string' } } });
  const products = values.products === 'mma' || values.products === 'wgmma' ? values.products : undefined;
  const found = createCudaBackend({
    kernelFolder: join(import.meta.dirname, '../../resources/kernels'),
    cacheFolder: mkdtempSync(join(tmpdir(), 'tunesmith-ptx-')),
    poison: true,
    ...(products === undefined ? {} : { products }),
  });
  if (!found.ok) throw new Error(found.reason.message);
  const [gpu, reference] = await Promise.all([found.backend.open(), referenceBackend.open()]);
  const aligned = alignedCases.flatMap((test) => (test.wrt.length > 0 ? [test, withGradients(test)] : [test]));
  const wanted = [...opCases, ...gradientCases, ...aligned, ...attentionPairs.map(({ test }) => test)].filter(({ name }) =>
    name.includes(positionals[0] ?? ''),
  );
  const start = performance.now();
  let failed = 0;
  for (const test of wanted) {
    const problem = await check(test, gpu, reference).catch((error: unknown) => `threw ${error instanceof Error ? error.message : String(error)}`);
    if (problem === null) continue;
    failed++;
    console.log(`FAIL ${test.name}: ${problem.slice(0, 400)}`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `${found.backend.info.device}: ${wanted.length - failed} of ${wanted.length} op cases agree${products ? ` with ${products} products` : ''}, ${seconds} s`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
  await gpu.dispose();
}

await main();
