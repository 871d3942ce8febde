import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../../../shared/lib/app-error.ts';
import { CudaContext } from './context.ts';
import { explainInit, explainTooOld, listDevices, openDevice } from './device.ts';
import { driverLibraryNames } from './library.ts';
import { KernelParams } from './params.ts';
import { encodeTensorMap, hasTensorMaps } from './tensor-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'fake-driver-'));
const fakeFile = join(folder, 'libfake.so');
const fakeBuilt = buildFake();
afterAll(() => rmSync(folder, { recursive: true }));

function buildFake(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', fakeFile, join(import.meta.dirname, 'fake-driver.c')]);
    return true;
  } catch {
    return false;
  }
}

function errorOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a computer without a usable GPU', () => {
  it('says that there is no driver, and what to do', () => {
    const found = openDevice(0, ['no-such-driver.so.1']);
    expect(found.ok).toBe(false);
    if (found.ok) return;
    expect(found.reason.kind).toBe('no-driver');
    expect(found.reason.message).toMatch(/^No NVIDIA driver was found on this computer \(looked for no-such-driver\.so\.1\)/);
    expect(found.reason.remedy).toContain('Install the NVIDIA display driver');
    expect(listDevices(['no-such-driver.so.1'])).toEqual([]);
  });

  it('has no driver file names on a Mac, which is an answer and not an error', () => {
    expect(driverLibraryNames('darwin')).toEqual([]);
    const found = openDevice(0, []);
    expect(found.ok ? '' : found.reason.message).toContain('none exists for this system');
  });

  it('takes a library without the driver calls for an old driver', () => {
    if (process.platform !== 'linux') return;
    const found = openDevice(0, ['libm.so.6']);
    expect(found.ok ? '' : found.reason.kind).toBe('old-driver');
  });

  it('tells apart what cuInit can answer', () => {
    expect(explainInit(0)).toBeUndefined();
    expect(explainInit(100)?.kind).toBe('no-device');
    expect(explainInit(34)?.kind).toBe('no-driver');
    expect(explainInit(803)).toMatchObject({ kind: 'driver-error', remedy: expect.stringContaining('restart') });
  });

  it('names the version or capability that is missing', () => {
    expect(explainTooOld('GTX 1080', 61, 12_040)?.message).toBe('GTX 1080 has compute capability 6.1; 8.0 (RTX 30 series, A100 or newer) is needed.');
    expect(explainTooOld('A100', 80, 11_020)).toMatchObject({ kind: 'old-driver', message: expect.stringContaining('11.2') });
    expect(explainTooOld('A100', 80, 11_040)).toBeUndefined();
  });
});

describe('kernel parameters', () => {
  it('are packed at natural alignment, like a C struct', () => {
    const params = KernelParams.of(['u32', 7], ['ptr', 0x1122334455667788n], ['f32', 1.5], ['i32', -2], ['i64', -3]);
    expect(params.offsets).toEqual([0, 8, 16, 20, 24]);
    expect(params.byteLength).toBe(32);
    const view = new DataView(params.set(0, 9).bytes().buffer);
    expect([view.getUint32(0, true), view.getBigUint64(8, true), view.getFloat32(16, true)]).toEqual([9, 0x1122334455667788n, 1.5]);
    expect([view.getInt32(20, true), view.getBigInt64(24, true)]).toEqual([-2, -3n]);
  });
});

describe.skipIf(!fakeBuilt /* the fake is C: needs a compiler */)('the driver calls, on a fake driver', () => {
  const fake = fakeBuilt ? koffi.load(fakeFile) : undefined;
  const control = fake?.func('fakeControl', 'int', ['int', 'int']);
  const launches = fake?.func('fakeLaunches', 'int', []);
  const last = fake?.func('fakeLast', 'int', ['void *', 'int']);
  beforeEach(() => {
    [0, 13_000, 9, 0].forEach((value, key) => control!(key, value));
  });
  const open = (): CudaContext => {
    const found = openDevice(0, [fakeFile]);
    if (!found.ok) throw new Error(found.reason.message);
    return CudaContext.open(found.driver, found.facts);
  };

  it('describes matrices to the copy engine, and hands such a map over as an argument of its own', () => {
    const context = open();
    expect(hasTensorMaps(context.driver)).toBe(true);
    const spec = { address: 0x1000n, columns: 300, rows: 77, leading: 304, boxRows: 128 };
    const map = encodeTensorMap(context.driver, spec);
    const words = Array.from(new BigUint64Array(map.slice().buffer), Number);
    expect(words.slice(0, 11)).toEqual([9, 0x1000, 300, 77, 608, 64, 128, 0, 3, 3, 0]);
    expect(() => encodeTensorMap(context.driver, { ...spec, leading: 301 })).toThrow('cuTensorMapEncodeTiled(77 rows of 300, 301 apart');
    const params = KernelParams.filled(
      [
        ['map', map],
        ['ptr', 0xfeedn],
      ],
      [0, 1],
    );
    context.stream().launch(context.module('ptx', 'x').function('f'), { grid: [1, 1, 1], block: [1, 1, 1], sharedBytes: 0 }, params);
    const seen = new BigUint64Array(17);
    last!(seen, seen.byteLength);
    expect(Array.from(seen, Number)).toEqual([...words, 0xfeed]);
  });

  it('reads device facts', () => {
    const { facts } = open();
    expect(facts).toMatchObject({ name: 'Fake GPU', computeCapability: 90, totalBytes: 2 ** 37, driverCuda: 13_000 });
    expect(facts.uuid).toBe('ab'.repeat(16));
    expect(facts.maxSharedBytesPerBlock).toBe(97);
    expect(open().memory()).toEqual({ freeBytes: 2 ** 36, totalBytes: 2 ** 37 });
  });

  it('gives a reason for each unfit state', () => {
    const kind = (): string => {
      const found = openDevice(0, [fakeFile]);
      return found.ok ? 'ok' : found.reason.kind;
    };
    expect(kind()).toBe('ok');
    control!(0, 100);
    expect(kind()).toBe('no-device');
    control!(0, 0);
    control!(1, 11_020);
    expect(kind()).toBe('old-driver');
    control!(1, 12_000);
    control!(2, 7);
    expect(kind()).toBe('unsupported-device');
    const second = openDevice(3, [fakeFile]);
    expect(second.ok ? '' : second.reason.message).toBe('GPU 3 does not exist: the NVIDIA driver shows 1.');
  });

  it("turns a status into the driver's own words and a hint", () => {
    const error = errorOf(() => open().allocate(2 ** 31));
    expect(error.toFields()).toMatchObject({
      code: 'CUDA-DRIVER-2',
      message: 'cuMemAlloc(2147483648 bytes) failed: CUDA_ERROR_OUT_OF_MEMORY (2): out of memory.',
      remedy: expect.stringContaining('smaller batch'),
    });
  });

  it('shows the compile log of a module that does not load', () => {
    control!(3, 218);
    const error = errorOf(() => open().module('.version 7.0', 'broken.ptx'));
    expect(error.code).toBe('CUDA-MODULE');
    expect(error.message).toContain('cuModuleLoadDataEx(broken.ptx) failed: CUDA_ERROR_FAKE (218)');
    expect(error.message).toContain('ptxas fake, line 3: bad');
  });

  it('launches with packed parameters, eagerly and as a graph', async () => {
    const context = open();
    const kernel = context.module('x', 'x').function('f').allowSharedBytes(100_000);
    const stream = context.stream();
    const params = KernelParams.of(['ptr', 0xfeedn], ['u32', 5]);
    const shape = { grid: [3, 4, 5], block: [32, 2, 1], sharedBytes: 1024 } as const;
    stream.launch(kernel, shape, params);
    const seen = new Uint32Array(11);
    last!(seen, seen.byteLength);
    expect([...seen]).toEqual([3, 4, 5, 32, 2, 1, 1024, 12, 0xfeed, 0, 5]);
    expect(launches!()).toBe(1);
    const graph = stream.capture(() => [0, 1, 2].forEach(() => stream.launch(kernel, shape, params)));
    expect(graph.nodeCount).toBe(3);
    expect(launches!()).toBe(1);
    graph.upload(stream);
    graph.launch(stream);
    expect(launches!()).toBe(4);
    await stream.whenIdle();
    expect(() =>
      stream.capture(() => {
        throw new RangeError('mine');
      }),
    ).toThrow('mine');
    expect(kernel.residentBlocks(256, 0)).toBe(8);
    expect(errorOf(() => context.module('x', 'x').function('missing')).code).toBe('CUDA-DRIVER-500');
    graph.dispose();
    context.dispose();
  });

  it('copies and fills, and checks bounds', () => {
    const context = open();
    const stream = context.stream();
    const buffer = context.allocate(64);
    buffer.upload(Uint8Array.from({ length: 64 }, (_, index) => index));
    stream.fill8(buffer.pointer + 8n, 0xff, 8);
    stream.fill32(buffer.pointer + 16n, 0x3f80_0000, 1);
    const out = buffer.download(new Uint8Array(20));
    expect(Array.from(out.slice(6))).toEqual([6, 7, ...Array<number>(8).fill(255), 0, 0, 0x80, 0x3f]);
    const pinned = context.pinned(4);
    stream.download(pinned.bytes, buffer.pointer + 60n);
    expect([...pinned.bytes]).toEqual([60, 61, 62, 63]);
    expect(() => buffer.upload(new Uint8Array(8), 60)).toThrow('upload of 8 bytes at 60 leaves a device buffer of 64 bytes');
    pinned.dispose();
    buffer.dispose();
    buffer.dispose();
    expect(() => buffer.download(new Uint8Array(1))).toThrow('disposed');
  });

  it('measures between events', () => {
    const context = open();
    const stream = context.stream();
    const [first, second] = [context.event(), context.event()];
    stream.record(first);
    stream.record(second);
    stream.wait(second);
    second.synchronize();
    expect(second.since(first)).toBe(1.5);
  });
});
