import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ATTENTION_PARAMS } from './attention.ts';
import { KernelParams } from './driver/params.ts';
import { GEMM_COUNTS, GEMM_PARAMS, GEMM_PART } from './gemm-plan.ts';
import { BF16_TILES, GEMM_PARTS, HOPPER_TILES } from './gemm-tiles.ts';
import { imageOrder, isForOneGeneration } from './kernel-library.ts';
import { kernelManifestSchema } from './kernel-manifest.ts';
import { readEntries, readStructs, sourceHash } from './kernel-source.ts';
import { SWEEP_PARAMS } from './sweep.ts';

const RESOURCES = join(import.meta.dirname, '../../../../../resources/kernels');
const SOURCES = join(import.meta.dirname, 'kernels');
const manifest = kernelManifestSchema.parse(JSON.parse(readFileSync(join(RESOURCES, 'manifest.json'), 'utf8')));
const HOPPER_MAPS = Array.from<'map'>({ length: 4 * GEMM_PARTS }).fill('map');
const HOPPER_PARTS = [...Array.from({ length: GEMM_PARTS }, () => GEMM_PART).flat(), ...GEMM_COUNTS].map(([, type]) => type);
const entries = manifest.files.flatMap((file) => file.entries);

describe('the shipped kernels', () => {
  it('were built from the sources as they are (run `npm run build-kernels` after a change)', async () => {
    const sources = readdirSync(SOURCES)
      .filter((name) => name.endsWith('.cu'))
      .sort();
    expect(manifest.files.map(({ source }) => source)).toEqual(sources);
    for (const file of manifest.files) expect([file.source, await sourceHash(SOURCES, file.source)]).toEqual([file.source, file.sha256]);
    expect(manifest.structs).toEqual(await readStructs(SOURCES));
  });

  it('are the files the manifest describes, and no others', () => {
    const images = manifest.files.flatMap((file) => file.images);
    expect(
      readdirSync(RESOURCES)
        .filter((name) => name.endsWith('.gz'))
        .sort(),
    ).toEqual(images.map(({ file }) => file).sort());
    for (const image of images) {
      const content = gunzipSync(readFileSync(join(RESOURCES, image.file)));
      expect(createHash('sha256').update(content).digest('hex')).toBe(image.sha256);
    }
    expect(images.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(8 * 2 ** 20);
  });

  it('have PTX that old drivers read, with the entry points of the manifest', () => {
    for (const file of manifest.files.filter((one) => !isForOneGeneration(one))) {
      const image = file.images.find(({ target }) => target === 'compute_80')!;
      const ptx = gunzipSync(readFileSync(join(RESOURCES, image.file))).toString('utf8');
      expect(ptx).toMatch(/^\s*\.version 7\.1\n\.target sm_80\n/);
      expect(readEntries(ptx)).toEqual(file.entries);
    }
  });

  it('agree with the planner about parameters and threads', () => {
    expect(manifest.structs['GemmParams']).toEqual(GEMM_PARAMS.map((field) => [...field]));
    const bytes = new KernelParams(GEMM_PARAMS.map(([, type]) => type)).byteLength;
    for (const entry of entries.filter(({ name }) => /^gem[mv]/.test(name))) expect([entry.name, entry.paramBytes]).toEqual([entry.name, bytes]);
    for (const { name, threads, layouts } of BF16_TILES) {
      for (const layout of layouts) expect(entries).toContainEqual(expect.objectContaining({ name: `gemm_bf16_${name}_${layout}`, threads }));
    }
  });

  it('have nothing for one generation of cards alone but what the planner asks for by its tiles', () => {
    const alone = manifest.files.filter(isForOneGeneration);
    expect(alone.map(({ source, images }) => [source, images.map(({ target }) => target)])).toEqual([['gemm-wgmma.cu', ['sm_90a']]]);
    const bytes = new KernelParams([...HOPPER_MAPS, ...HOPPER_PARTS, ...GEMM_PARAMS.map(([, type]) => type)]).byteLength;
    const expected = HOPPER_TILES.flatMap(({ name, layouts, threads }) => layouts.map((layout) => [`wgmma_${name}_${layout}`, bytes, threads]));
    expect(alone[0]!.entries.map(({ name, paramBytes, threads }) => [name, paramBytes, threads]).sort()).toEqual(expected.sort());
    expect(imageOrder(alone[0]!, 90)).toHaveLength(1);
    for (const other of [80, 89, 100, 120]) expect(imageOrder(alone[0]!, other)).toEqual([]);
  });

  it('agree with the sweeps about parameters and threads', () => {
    const bytes = new KernelParams(SWEEP_PARAMS.map(([, type]) => type)).byteLength;
    const known = entries.filter(({ name }) => name.startsWith('sweep_'));
    expect(known.map(({ name, paramBytes, threads }) => [name, paramBytes, threads]).sort()).toEqual(
      ['16', '32', '64', 'reduce'].map((name) => [`sweep_${name}`, bytes, 256]),
    );
  });

  it('agree with the attention launches about parameters', () => {
    const ptx = { ptr: 'u64', i32: 'u32', u32: 'u32', f32: 'f32' } as const;
    const known = entries.filter(({ name }) => name.startsWith('attention_'));
    expect(known).toHaveLength(13);
    for (const { name, params } of known) {
      const fields = ATTENTION_PARAMS[name.replace(/_\d+$/, '') as keyof typeof ATTENTION_PARAMS];
      expect([name, params]).toEqual([name, fields.map(([, type]) => ptx[type])]);
    }
  });
});

describe('imageOrder', () => {
  const order = (capability: number): string[] => imageOrder(manifest.files[0]!, capability).map(({ target }) => target);

  it('puts machine code of the card first, then that of earlier minors, then PTX', () => {
    expect(order(80)).toEqual(['sm_80', 'compute_80']);
    expect(order(87)).toEqual(['sm_86', 'sm_80', 'compute_80']);
    expect(order(89)).toEqual(['sm_89', 'sm_86', 'sm_80', 'compute_80']);
    expect(order(90)).toEqual(['sm_90a', 'compute_80']);
    expect(order(121)).toEqual(['sm_120', 'compute_80']);
  });

  it('leaves PTX for a generation that nothing was built for', () => {
    expect(order(100)).toEqual(['compute_80']);
    expect(order(75)).toEqual([]);
  });
});
