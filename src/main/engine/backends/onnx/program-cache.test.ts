import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { testFolder } from '../../../../../test/support/test-folder.ts';
import type { Graph } from '../../ir/graph.ts';
import { GraphBuilder } from '../../ops/builder.ts';
import { createOnnxBackend } from './backend.ts';
import { ProgramCache } from './program-cache.ts';

const X = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i) * 3);
let folder = '';
beforeEach(async () => {
  folder = join(await testFolder(), 'programs');
});

/** Something that ONNX Runtime fuses and rearranges. */
function graph(scale: number): Graph {
  const b = new GraphBuilder('cached');
  const x = b.input('x', { dtype: 'f32', shape: [3, 4] });
  const normed = b.rmsNorm(b.mul(x, scale), b.input('w', { dtype: 'f32', shape: [4] }), 1e-5);
  b.output('y', b.matmul(b.swiglu(normed, b.add(normed, x)), x, { transB: true }));
  return b.finish();
}

async function result(scale: number): Promise<number[]> {
  const session = await createOnnxBackend({ threads: 1, cacheFolder: folder }).open();
  const program = await session.compile(graph(scale));
  const { y } = await program.run({
    x: { dtype: 'f32', shape: [3, 4], data: X },
    w: { dtype: 'f32', shape: [4], data: Float32Array.of(1, -2, 3, 0.5) },
  });
  await session.dispose();
  return [...y!.data];
}

test('a program is compiled once, and one that is read computes the same bits', async () => {
  const compiled = await result(2);
  const [file, ...others] = await readdir(folder);
  expect(others).toEqual([]);
  await utimes(join(folder, file!), new Date(0), new Date(0));
  expect(await result(2)).toEqual(compiled);
  // It was looked up, found and used, and nothing was written beside it.
  expect((await stat(join(folder, file!))).mtimeMs).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual([file]);
});

test('another program is another file, and never taken for the first', async () => {
  const first = await result(2);
  expect(await result(3)).not.toEqual(first);
  expect(await readdir(folder)).toHaveLength(2);
  expect(await result(2)).toEqual(first);
});

test.each([
  ['torn', (bytes: Buffer) => bytes.subarray(0, bytes.length - 7)],
  ['changed by a bit', (bytes: Buffer) => Buffer.from(bytes).fill(bytes[100]! ^ 1, 100, 101)],
  ['empty', () => Buffer.alloc(0)],
])('a file that is %s is dropped and made anew', async (_, spoil) => {
  const compiled = await result(2);
  const file = join(folder, (await readdir(folder))[0]!);
  const whole = await readFile(file);
  await writeFile(file, spoil(whole));
  expect(await result(2)).toEqual(compiled);
  expect(await readdir(folder)).toHaveLength(1);
  const cache = new ProgramCache(folder);
  expect(await cache.get((await readdir(folder))[0]!.split('.')[0]!)).not.toBeNull();
});

test('the folder stays within its bound: what was unused for longest goes', async () => {
  const cache = new ProgramCache(folder, 300);
  for (const [age, key] of ['oldest', 'older', 'new'].entries()) {
    const draft = (await cache.draft())!;
    await writeFile(draft, Buffer.alloc(60));
    await cache.put(key, draft);
    await utimes(join(folder, `${key}.program`), age + 1, age + 1);
  }
  expect(await cache.get('oldest')).not.toBeNull();
  const draft = (await cache.draft())!;
  await writeFile(draft, Buffer.alloc(30));
  await cache.put('newest', draft);
  // 92 bytes each and 62 for the newest do not fit: of the others, the first was used just now and the second longest ago.
  expect((await readdir(folder)).sort()).toEqual(['new.program', 'newest.program', 'oldest.program']);
});
