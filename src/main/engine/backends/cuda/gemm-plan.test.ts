import { describe, expect, it } from 'vitest';
import { KernelParams } from './driver/params.ts';
import type { KernelFunction } from './driver/module.ts';
import { bindGemm } from './gemm-launch.ts';
import { tilesAcross } from './gemm-cost.ts';
import { GEMM_PARAMS, chooseGemm, planGemm, planHopper } from './gemm-plan.ts';
import { operandMaps } from './gemm-maps.ts';
import { BF16_TILES, HOPPER_TILES, leadingDimensions } from './gemm-tiles.ts';
import type { GemmDevice, GemmLayout, GemmProblem } from './gemm-tiles.ts';

const H200: GemmDevice = { multiprocessors: 132, computeCapability: 90, maxSharedBytesPerBlock: 232_448, maxSharedBytesPerMultiprocessor: 233_472 };
const RTX_3060: GemmDevice = {
  multiprocessors: 28,
  computeCapability: 86,
  maxSharedBytesPerBlock: 101_376,
  maxSharedBytesPerMultiprocessor: 102_400,
};

function problem(m: number, n: number, k: number, more: Partial<GemmProblem> = {}): GemmProblem {
  return { m, n, k, layout: 'nt', dtype: 'bf16', out: 'bf16', ...more };
}

describe('chooseGemm', () => {
  it('covers the output and all of k for any size, layout and card', () => {
    const sizes = [1, 7, 9, 16, 31, 64, 129, 896, 4099, 8192];
    for (const device of [H200, RTX_3060]) {
      for (const layout of ['nn', 'nt', 'tn', 'tt'] satisfies GemmLayout[]) {
        for (const [index, m] of sizes.entries()) {
          for (const n of sizes) {
            const k = sizes[(index * 3 + n) % sizes.length]!;
            const plan = chooseGemm(problem(m, n, k, { layout }), device);
            expect(plan.shape.sharedBytes).toBeLessThanOrEqual(device.maxSharedBytesPerBlock);
            if (plan.kernel.startsWith('gemv')) continue;
            const name = /^gemm_bf16_(\w+?)_(..)$/.exec(plan.kernel)!;
            const tile = BF16_TILES.find((candidate) => candidate.name === name[1]) ?? { m: 64, n: 64, k: 32 };
            expect(name[2]).toBe(layout);
            expect(plan.shape.grid).toEqual([Math.ceil(m / tile.m) * Math.ceil(n / tile.n), plan.splits, 1]);
            expect(plan.kPerSplit % tile.k).toBe(0);
            expect(plan.kPerSplit * plan.splits).toBeGreaterThanOrEqual(k);
            expect(plan.workspaceBytes).toBe(plan.splits === 1 ? 0 : plan.splits * m * n * 4);
          }
        }
      }
    }
  });

  it('takes the vector kernel for a few rows, and lets warps share a column when there are few', () => {
    expect(chooseGemm(problem(1, 151_936, 896), H200)).toMatchObject({ kernel: 'gemv_bf16_1', splits: 1 });
    const down = chooseGemm(problem(3, 896, 4864), H200);
    expect(down.kernel).toBe('gemv_bf16_4');
    expect(down.splits).toBeGreaterThan(1);
    expect(chooseGemm(problem(9, 896, 4864), H200).kernel).toMatch(/^gemm_bf16_/);
    expect(chooseGemm(problem(1, 896, 4864, { layout: 'nn' }), H200).kernel).toMatch(/^gemm_bf16_/);
  });

  it('splits k when the output is too small to fill the card', () => {
    const gradient = chooseGemm(problem(16, 896, 8192, { layout: 'tn', out: 'f32' }), H200);
    expect(gradient.kernel).toBe('gemm_bf16_16x128_tn');
    expect(gradient.splits).toBeGreaterThan(4);
    expect(gradient.reduce).toBeDefined();
    expect(chooseGemm(problem(8192, 4864, 896), H200).splits).toBe(1);
  });

  it('takes the scalar-load kernel for rows that are not 16-byte aligned', () => {
    expect(chooseGemm(problem(64, 64, 33), H200).kernel).toBe('gemm_bf16_any_nt');
    expect(chooseGemm(problem(64, 64, 33, { lda: 40, ldb: 40 }), H200).kernel).not.toContain('any');
    expect(chooseGemm(problem(64, 64, 64, { operandsAligned: false }), H200).kernel).toBe('gemm_bf16_any_nt');
  });

  it('says by flags how C may be stored', () => {
    const flags = (more: Partial<GemmProblem>): number => chooseGemm(problem(64, 64, 64, more), H200).flags;
    expect(flags({})).toBe(2 | 4);
    expect(flags({ out: 'f32' })).toBe(1 | 2 | 4);
    expect(flags({ ldc: 65 })).toBe(4);
    expect(flags({ outputAligned: false })).toBe(4);
  });

  it('takes wgmma where it is loaded and the operands can be described, with a grid of whole clusters', () => {
    const loaded: GemmDevice = { ...H200, wgmma: true };
    const second = { k: 16, lda: 16, ldb: 16 };
    for (const [m, n, k] of [
      [8192, 896, 896],
      [8192, 4864, 896],
      [2048, 3584, 18_944],
      [2048, 896, 151_936],
    ] as const) {
      for (const given of [problem(m, n, k), problem(m, n, k, { layout: 'nn' }), problem(m, n, k, { second })]) {
        const plan = chooseGemm(given, loaded);
        expect(plan.kernel).toMatch(/^wgmma_/);
        expect(plan.hopper!.layouts).toContain(given.layout);
        expect(plan.shape.grid[0] % 2).toBe(0);
        expect(plan.shape.grid[0]).toBeLessThanOrEqual(132);
        expect(plan.kPerSplit * plan.splits).toBeGreaterThanOrEqual(k);
        expect(chooseGemm(given, H200).kernel).toMatch(/^gemm_bf16_/);
      }
    }
    const others = [
      problem(8192, 896, 896, { batch: 3 }),
      problem(8192, 897, 896, { layout: 'nn' }),
      problem(8192, 896, 896, { operandsAligned: false }),
    ];
    for (const given of others) expect(chooseGemm(given, loaded).kernel).toMatch(/^gemm_bf16_/);
    expect(chooseGemm(problem(8192, 896, 896, { dtype: 'f32', out: 'f32' }), loaded).kernel).toMatch(/^gemm_f32_/);
  });

  it('describes operands to the copy engine as they lie in memory', () => {
    const tile = HOPPER_TILES.find(({ name }) => name === '128x224')!;
    const given = problem(100, 200, 304, { layout: 'nn', lda: 312, second: { k: 16, lda: 24, ldb: 208 } });
    const every = (map: object) => [map, map, map];
    expect(operandMaps(given, tile, [{ a: 1n, b: 2n, a2: 3n, b2: 4n }])).toEqual([
      ...every({ address: 1n, columns: 304, rows: 100, leading: 312, boxRows: 128 }),
      ...every({ address: 2n, columns: 200, rows: 304, leading: 200, boxRows: 32 }),
      ...every({ address: 3n, columns: 16, rows: 100, leading: 24, boxRows: 128 }),
      ...every({ address: 4n, columns: 200, rows: 16, leading: 208, boxRows: 32 }),
    ]);
    expect(operandMaps(problem(100, 200, 304), tile, [{ a: 1n, b: 2n }])[3]).toEqual({
      address: 2n,
      columns: 304,
      rows: 200,
      leading: 304,
      boxRows: 112,
    });
  });

  it('describes each product of a launch, and counts the tiles of all', () => {
    const loaded: GemmDevice = { ...H200, wgmma: true };
    const second = { k: 16, lda: 48, ldb: 16 };
    const part = { n: 128, k: 896, lda: 896, ldb: 896, ldc: 128, second };
    const across = problem(8192, 896, 896, { second, more: { along: 'n', parts: [part, part] } });
    const plan = chooseGemm(across, loaded);
    expect(plan.splits).toBe(1);
    expect(tilesAcross(across, plan.hopper!)).toBe(Math.ceil(896 / plan.hopper!.n) + 2 * Math.ceil(128 / plan.hopper!.n));
    const maps = operandMaps(
      across,
      plan.hopper!,
      [1n, 5n, 9n].map((a) => ({ a, b: a + 1n, a2: a + 2n, b2: a + 3n })),
    );
    expect(maps.map(({ address }) => address)).toEqual([1n, 5n, 9n, 2n, 6n, 10n, 3n, 7n, 11n, 4n, 8n, 12n]);
    expect(maps[4]).toMatchObject({ columns: 896, rows: 128 });
    const sum = problem(8192, 896, 4864, { layout: 'nn', more: { along: 'k', parts: [{ n: 896, k: 100, lda: 104, ldb: 896, ldc: 896 }] } });
    expect(chooseGemm(sum, loaded).splits).toBe(1);
    expect(
      operandMaps(sum, plan.hopper!, [
        { a: 1n, b: 2n },
        { a: 3n, b: 4n },
      ])[1],
    ).toMatchObject({ address: 3n, columns: 100, rows: 8192, leading: 104 });
  });

  it('refuses what no kernel can compute', () => {
    expect(() => chooseGemm(problem(0, 1, 1), H200)).toThrow('GEMM sizes must be integers from 1');
    expect(() => chooseGemm(problem(1, 1, 1, { batch: 70_000 }), H200)).toThrow('batch 70000 is over 65535');
    expect(() => chooseGemm(problem(8, 8, 8, { lda: 4 }), H200)).toThrow('leading dimensions 4, 8, 8 are below 8, 8, 8');
    expect(() => planGemm(problem(8, 8, 8), '1x1', 1)).toThrow('no GEMM tile is named 1x1');
  });
});

describe('bindGemm', () => {
  const kernels = {
    function: (name: string) =>
      ({
        name,
        allowSharedBytes() {
          return this;
        },
      }) as unknown as KernelFunction,
  };

  it('packs the parameters in the order of GemmParams', () => {
    const given = problem(100, 200, 304, { layout: 'tn', batch: 6, lda: 104 });
    const plan = planGemm(given, '128x128', 2);
    const launches = bindGemm(kernels, given, plan, {
      a: 0x1000n,
      b: 0x2000n,
      c: 0x3000n,
      workspace: 0x4000n,
      strideA: 5,
      batchInner: 3,
      outerC: 7,
      alpha: 0.5,
      beta: 1,
    });
    expect(launches.map(({ kernel }) => kernel.name)).toEqual(['gemm_bf16_128x128_tn', 'gemm_reduce']);
    const reader = new KernelParams(GEMM_PARAMS.map(([, type]) => type));
    const view = new DataView(launches[0]!.params.bytes().buffer);
    const read = GEMM_PARAMS.map(([name, type], index) => {
      const at = reader.offsets[index]!;
      const value = type === 'f32' ? view.getFloat32(at, true) : type === 'u32' ? view.getUint32(at, true) : Number(view.getBigInt64(at, true));
      return [name, value];
    });
    expect(Object.fromEntries(read)).toEqual({
      a2: 0,
      b2: 0,
      lda2: 0,
      ldb2: 0,
      k2: 0,
      ratio: 1,
      a: 0x1000,
      b: 0x2000,
      c: 0x3000,
      partial: 0x4000,
      innerA: 5,
      innerB: 0,
      innerC: 0,
      outerA: 0,
      outerB: 0,
      outerC: 7,
      m: 100,
      n: 200,
      k: 304,
      lda: 104,
      ldb: 200,
      ldc: 200,
      batchInner: 3,
      splits: 2,
      kPerSplit: 160,
      flags: 6,
      alpha: 0.5,
      beta: 1,
    });
    expect(leadingDimensions(given)).toEqual({ lda: 104, ldb: 200, ldc: 200 });
  });

  it('hands tensor maps over as an argument of their own, and the second launch without them', () => {
    const given = problem(256, 896, 4864);
    const tile = HOPPER_TILES[0]!;
    const loaded = { ...kernels, tensorMap: ({ boxRows }: { boxRows: number }) => new Uint8Array(128).fill(boxRows) };
    const plan = planHopper(given, tile, 2, { ...H200, wgmma: true });
    const [first, reduce] = bindGemm(loaded, given, plan, { a: 1n, b: 2n, c: 3n, workspace: 4n });
    // 12 maps of 128 bytes, 3 products of 24 and their number, then what every kernel takes.
    expect(first!.params.byteLength).toBe(12 * 128 + 80 + reduce!.params.byteLength);
    expect([0, 127, 128, 256, 1535].map((at) => first!.params.bytes()[at])).toEqual([128, 128, 128, 128, 128]);
    expect(first!.params.bytes().slice(12 * 128 + 80)).toEqual(reduce!.params.bytes());
    expect([first!.params.extra, reduce!.params.pointers]).toEqual([0n, 0n]);
    expect(first!.params.pointers).not.toBe(0n);
    expect(() => bindGemm(kernels, given, plan, { a: 1n, b: 2n, c: 3n, workspace: 4n })).toThrow('needs tensor maps');
  });

  it('refuses splits without a workspace', () => {
    const given = problem(16, 128, 1024);
    expect(() => bindGemm(kernels, given, planGemm(given, '16x128', 4), { a: 0n, b: 0n, c: 0n })).toThrow('needs a workspace of 32768 bytes');
  });
});
