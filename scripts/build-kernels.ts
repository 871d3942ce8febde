/**
 * @file Builds the written CUDA kernels: `npm run build-kernels [-- <source name> ...]`. Needs nvcc and ptxas (CUDA 12.8 or
 * newer) on the path; users never run it. Every source becomes a gzipped cubin per card generation and gzipped PTX.
 *
 * A cubin loads on drivers as new as the toolkit's major version (13.x: 580). The PTX is the answer for older drivers and
 * newer cards: its `.version` is lowered to 7.1 (CUDA 11.1) and ptxas then proves that no newer instruction is in it.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { readEntries, readStructs, sourceHash } from '../src/main/engine/backends/cuda/kernel-source.ts';
import type { KernelFile, KernelImage, KernelManifest } from '../src/main/engine/backends/cuda/kernel-manifest.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const SOURCES = join(ROOT, 'src/main/engine/backends/cuda/kernels');
const OUTPUT = join(ROOT, 'resources/kernels');
const TARGETS = ['80', '86', '89', '90a', '120'];
/** Sources of one generation's own instructions: neither older PTX nor other cards can have them. */
const ONLY: Readonly<Record<string, readonly string[]>> = { 'gemm-wgmma.cu': ['90a'] };
const PTX_VERSION = '7.1';
const COMMON = ['-O3', '-std=c++17'];

/** PTX of this toolkit, restated in version 7.1: the pragma dropped is a hint to ptxas and changes no result. */
function lowerPtx(text: string): string {
  const lowered = text.replace(/^\.version .*$/m, `.version ${PTX_VERSION}`);
  return lowered.replaceAll(/^\s*\.pragma "used_bytes_mask[^"]*";\n/gm, '').replaceAll(/^\/\/.*\n/gm, '');
}

async function store(name: string, content: Buffer): Promise<KernelImage> {
  const packed = gzipSync(content, { level: 9 });
  await writeFile(join(OUTPUT, name), packed);
  const target = name.split('.').at(1)!;
  return { target, file: name, bytes: packed.length, sha256: createHash('sha256').update(content).digest('hex') };
}

async function buildSource(source: string, folder: string): Promise<KernelFile> {
  const stem = source.replace(/\.cu$/, '');
  const input = join(SOURCES, source);
  const ptxFile = join(folder, `${stem}.ptx`);
  const only = ONLY[source];
  await run('nvcc', [...COMMON, `-arch=compute_${only?.[0] ?? '80'}`, '-ptx', '-o', ptxFile, input]);
  const ptx = lowerPtx(await readFile(ptxFile, 'utf8'));
  const images: KernelImage[] = [];
  if (!only) {
    await writeFile(ptxFile, ptx);
    await run('ptxas', ['-arch=sm_80', '-o', join(folder, `${stem}.check`), ptxFile]);
    images.push(await store(`${stem}.compute_80.ptx.gz`, Buffer.from(ptx)));
  }
  for (const target of only ?? TARGETS) {
    const cubin = join(folder, `${stem}.${target}.cubin`);
    const architecture = `-gencode=arch=compute_${target},code=sm_${target}`;
    // oxlint-disable-next-line no-await-in-loop -- one compiler at a time a source: sources already run side by side
    await run('nvcc', [...COMMON, architecture, '-cubin', '-o', cubin, input]);
    images.push(await store(`${stem}.sm_${target}.cubin.gz`, await readFile(cubin)));
  }
  return { source, sha256: await sourceHash(SOURCES, source), images, entries: readEntries(ptx) };
}

async function readManifest(): Promise<KernelManifest | undefined> {
  try {
    return JSON.parse(await readFile(join(OUTPUT, 'manifest.json'), 'utf8')) as KernelManifest;
  } catch {
    return undefined;
  }
}

async function main(only: readonly string[]): Promise<void> {
  const sources = (await readdir(SOURCES)).filter((name) => name.endsWith('.cu')).sort();
  const chosen = only.length === 0 ? sources : sources.filter((name) => only.includes(name.replace(/\.cu$/, '')));
  await mkdir(OUTPUT, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'build-kernels-'));
  const { stdout } = await run('nvcc', ['--version']);
  const toolkit = /V(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? 'unknown';
  const built = await Promise.all(chosen.map((source) => buildSource(source, folder)));
  await rm(folder, { recursive: true });
  const kept = (await readManifest())?.files.filter((file) => sources.includes(file.source)) ?? [];
  const files = [...kept.filter((file) => !chosen.includes(file.source)), ...built];
  const manifest: KernelManifest = {
    toolkit,
    ptxVersion: PTX_VERSION,
    minimumDriver: { cubin: `${toolkit.split('.')[0]}.0`, ptx: '11.1' },
    structs: await readStructs(SOURCES),
    files: files.toSorted((a, b) => (a.source < b.source ? -1 : 1)),
  };
  await writeFile(join(OUTPUT, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  for (const file of built) {
    const bytes = file.images.reduce((sum, image) => sum + image.bytes, 0);
    process.stdout.write(`${file.source}: ${file.entries.length} entry points, ${Math.round(bytes / 1024)} KiB in all\n`);
  }
}

await main(process.argv.slice(2));
