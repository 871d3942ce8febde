import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parityFixture } from '../../../../test/support/fixture.ts';
import { diskWithRoomFor } from '../../../../test/support/full-disk.ts';
import { testFolder } from '../../../../test/support/test-folder.ts';
import { f32Tensor, openSafetensors, readTensorBytes, readTensorF32, writeSafetensors } from './safetensors.ts';

const GOLDEN = parityFixture('adapter', 'dtypes.safetensors');

function fileBytes(header: string | Uint8Array, data = 0, claimed?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32'): string => JSON.stringify({ dtype, shape, data_offsets: offsets });

const HOSTILE: readonly (readonly [name: string, bytes: Uint8Array, message: RegExp])[] = [
  ['empty file', new Uint8Array(0), /only 0 bytes/],
  ['header longer than the file', fileBytes('{}', 0, 1000n), /claims 1000 bytes, but the file has 10/],
  ['header over 100 MB', fileBytes('{}', 0, 100_000_001n), /more than 100 MB/],
  ['header of 2^64 - 1', fileBytes('{}', 0, 2n ** 64n - 1n), /more than 100 MB/],
  ['not JSON', fileBytes('{"a":'), /not valid JSON/],
  ['not UTF-8', fileBytes(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /not valid JSON/],
  ['an array', fileBytes('[]'), /not a JSON object/],
  ['text before the object', fileBytes(' {}'), /not a JSON object/],
  ['tensor twice', fileBytes(`{"a":${entry([1], [0, 4])},"a":${entry([1], [0, 4])}}`, 4), /"a": the header names it twice/],
  ['tensor twice, escaped', fileBytes(`{"a":${entry([1], [0, 4])},"\\u0061":${entry([1], [0, 4])}}`, 4), /"a": the header names it twice/],
  [
    'key twice in a tensor',
    fileBytes('{"a":{"dtype":"F32","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4),
    /"dtype": the header names it twice/,
  ],
  ['__proto__', fileBytes(`{"__proto__":${entry([1], [0, 4])}}`, 4), /not a usable tensor name/],
  ['empty name', fileBytes(`{"":${entry([1], [0, 4])}}`, 4), /not a usable tensor name/],
  ['entry not an object', fileBytes('{"a":[1]}'), /"a": the entry is not an object/],
  ['unknown dtype', fileBytes(`{"a":${entry([1], [0, 4], 'Q4')}}`, 4), /"a": unknown dtype "Q4"/],
  ['dtype from Object.prototype', fileBytes(`{"a":${entry([1], [0, 4], 'constructor')}}`, 4), /unknown dtype/],
  ['no dtype', fileBytes('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4), /unknown dtype/],
  ['negative dimension', fileBytes(`{"a":${entry([-1], [0, 4])}}`, 4), /the shape is not a list/],
  ['fractional dimension', fileBytes(`{"a":${entry([0.5], [0, 2])}}`, 2), /the shape is not a list/],
  ['shape as text', fileBytes(`{"a":${entry('1', [0, 4])}}`, 4), /the shape is not a list/],
  ['rank 9', fileBytes(`{"a":${entry([1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 4])}}`, 4), /rank 9 is more than 8/],
  ['shape that overflows', fileBytes(`{"a":${entry([2 ** 31, 2 ** 31], [0, 4])}}`, 4), /is too large/],
  ['three offsets', fileBytes(`{"a":${entry([1], [0, 4, 8])}}`, 8), /not a pair/],
  ['negative offset', fileBytes(`{"a":${entry([1], [-4, 0])}}`, 4), /not a pair/],
  ['offset beyond exact integers', fileBytes(`{"a":${entry([1], [2 ** 60, 2 ** 60 + 4096])}}`, 4), /not a pair/],
  ['backward offsets', fileBytes(`{"a":${entry([1], [4, 0])}}`, 4), /run backwards/],
  ['past the end', fileBytes(`{"a":${entry([2], [0, 8])}}`, 4), /end at 8, but the file holds only 4/],
  ['shape against bytes', fileBytes(`{"a":${entry([3], [0, 4])}}`, 4), /takes 12 bytes, but data_offsets give 4/],
  ['overlap', fileBytes(`{"a":${entry([2], [0, 8])},"b":${entry([2], [4, 12])}}`, 12), /"b": its bytes overlap/],
  ['same bytes twice', fileBytes(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 4), /its bytes overlap/],
  ['hole', fileBytes(`{"a":${entry([1], [0, 4])},"b":${entry([1], [8, 12])}}`, 12), /4 bytes before it belong to no tensor/],
  ['rest at the end', fileBytes(`{"a":${entry([1], [0, 4])}}`, 5), /1 bytes at the end/],
  ['metadata that is no text', fileBytes('{"__metadata__":{"a":1}}'), /__metadata__.a is not a string/],
];

describe('openSafetensors', () => {
  it.each(HOSTILE)('refuses: %s', async (_name, bytes, message) => {
    const file = join(await testFolder(), 'model.safetensors');
    await writeFile(file, bytes);
    const error = await openSafetensors(file).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'WEIGHTS-HEADER', message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(file);
  });

  it('refuses what is not a file, without waiting for it', async () => {
    const folder = await testFolder();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(openSafetensors(join(folder, 'pipe'))).rejects.toThrow(/not a regular file/);
    await expect(openSafetensors(folder)).rejects.toThrow(/not a regular file/);
    await expect(openSafetensors(join(folder, 'absent'))).rejects.toMatchObject({ code: 'WEIGHTS-MISSING' });
  });

  it('resolves symlinks, so that a tensor names the file that holds it', async () => {
    const folder = await testFolder();
    await mkdir(join(folder, 'blobs'));
    await writeFile(join(folder, 'blobs', 'abc'), await readFile(GOLDEN));
    await symlink(join('blobs', 'abc'), join(folder, 'model.safetensors'));
    const { tensors } = await openSafetensors(join(folder, 'model.safetensors'));
    expect(tensors.get('half')?.file.endsWith(join('blobs', 'abc'))).toBe(true);
  });
});

describe('reading', () => {
  it('reads a part of a tensor that lies beyond 2 GiB', async () => {
    const file = join(await testFolder(), 'large.safetensors');
    const length = 3 * 2 ** 30;
    const header = fileBytes(`{"a":${entry([length], [0, length], 'U8')}}`);
    await writeFile(file, header);
    await truncate(file, header.length + length); // sparse: takes no room
    const info = (await openSafetensors(file)).tensors.get('a')!;
    expect(await readTensorBytes(info, { start: length - 3, length: 3 })).toEqual(new Uint8Array(3));
    await expect(readTensorBytes(info, { start: length - 3, length: 4 })).rejects.toThrow(RangeError);
  });

  it('says so when the file shrank meanwhile', async () => {
    const file = join(await testFolder(), 'a.safetensors');
    await writeSafetensors(file, [f32Tensor('a', [4], new Float32Array(4))]);
    const info = (await openSafetensors(file)).tensors.get('a')!;
    await truncate(file, 70);
    await expect(readTensorF32(info)).rejects.toMatchObject({ code: 'WEIGHTS-READ' });
  });

  it('refuses to read integers as weights', async () => {
    const { tensors } = await openSafetensors(GOLDEN);
    await expect(readTensorF32(tensors.get('torch.int8')!)).rejects.toMatchObject({ code: 'WEIGHTS-DTYPE' });
  });
});

describe('writeSafetensors', () => {
  it('writes byte for byte what the reference writer does, for every dtype', async () => {
    const { tensors, metadata } = await openSafetensors(GOLDEN);
    const file = join(await testFolder(), 'copy.safetensors');
    const copies = await Promise.all(
      [...tensors.values()].reverse().map(async (info) => {
        const bytes = await readTensorBytes(info);
        return { ...info, chunks: () => [bytes.subarray(0, 3), bytes.subarray(3)] };
      }),
    );
    await writeSafetensors(file, copies, { metadata });
    expect(Buffer.compare(await readFile(file), await readFile(GOLDEN))).toBe(0);
  });

  it('leaves the old file and no rubbish when the disk is full, at whatever byte', async () => {
    const folder = await testFolder();
    const file = join(folder, 'a.safetensors');
    await writeSafetensors(file, [f32Tensor('a', [2], Float32Array.of(1, 2))]);
    const before = await readFile(file);
    for (const room of [0, 5, 60, before.length - 1]) {
      const saving = writeSafetensors(file, [f32Tensor('a', [2], Float32Array.of(3, 4))], { fs: diskWithRoomFor(room) });
      await expect(saving).rejects.toMatchObject({ code: 'DISK-FULL', message: expect.stringContaining(file) });
    }
    expect(await readFile(file)).toEqual(before);
    expect(await readdir(folder)).toEqual(['a.safetensors']);
  });

  it('names the file when the folder cannot be written', async () => {
    const file = join(await testFolder(), 'absent', 'a.safetensors');
    await expect(writeSafetensors(file, [])).rejects.toMatchObject({ code: 'FILE-WRITE', message: expect.stringContaining(file) });
  });

  it('refuses bytes that do not fit the shape', async () => {
    const file = join(await testFolder(), 'a.safetensors');
    await expect(writeSafetensors(file, [f32Tensor('a', [3], new Float32Array(2))])).rejects.toThrow(/gave 8 bytes/);
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  });
});
