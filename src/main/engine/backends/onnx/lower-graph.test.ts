import { expect, test } from 'vitest';
import { gradients } from '../../autodiff/reverse.ts';
import type { Value } from '../../ir/graph.ts';
import { GraphBuilder } from '../../ops/builder.ts';
import { createOnnxBackend } from './backend.ts';
import { lowerGraph } from './lower-graph.ts';
import { prepareGraph } from './prepare-graph.ts';

function opTypes(write: (b: GraphBuilder) => void): Readonly<Record<string, number>> {
  const b = new GraphBuilder('structure');
  write(b);
  const counts: Record<string, number> = {};
  for (const type of lowerGraph(prepareGraph(b.finish())).opTypes) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

const f32 = (b: GraphBuilder, name: string, ...shape: number[]): Value => b.input(name, { dtype: 'f32', shape });

test('a linear layer with LoRA and its gradients need no Transpose, Cast or Expand', () => {
  const counts = opTypes((b) => {
    const [x, w, lora] = [f32(b, 'x', 8, 6), f32(b, 'w', 10, 6), { a: f32(b, 'a', 2, 6), b: f32(b, 'b', 10, 2), scale: 2 }];
    const { y } = b.linear(x, w, { lora });
    const loss = b.sum(b.mul(y, f32(b, 'dY', 8, 10)), [0, 1]);
    gradients(b, loss, [x, lora.a, lora.b]).forEach((gradient, i) => b.output(`d${i}`, gradient!));
  });
  expect(counts).not.toHaveProperty('Transpose');
  expect(counts).not.toHaveProperty('Cast');
  expect(counts).not.toHaveProperty('Expand');
  expect((counts['FusedMatMul'] ?? 0) + (counts['MatMul'] ?? 0)).toBe(6);
});

test('constants, iotas and broadcasts stay small inside elementwise ops', () => {
  const counts = opTypes((b) => {
    const mask = b.less(b.iota([512, 512], 1), b.iota([512, 512], 0));
    b.output('y', b.where(mask, b.add(f32(b, 'x', 512, 512), b.constant(1, 'f32', [512, 512])), 0));
  });
  expect(counts).not.toHaveProperty('Expand');
});

test('attention layers share one mask and keep small probabilities for the backward pass', () => {
  const counts = opTypes((b) => {
    let x = f32(b, 'x', 2, 8, 3, 4);
    for (let layer = 0; layer < 3; layer++) x = b.attention(x, x, x, 0.5).out;
    const loss = b.sum(b.mul(x, f32(b, 'dY', 2, 8, 3, 4)), [0, 1, 2, 3]);
    b.output('dx', gradients(b, loss, [b.values.find(({ origin }) => origin.kind === 'input' && origin.name === 'x')!])[0]!);
  });
  expect(counts['Where']).toBe(1);
  expect(counts['Softmax']).toBe(3);
  expect(counts).not.toHaveProperty('Log');
});

test('probabilities over 2 MiB are computed again in the backward pass', () => {
  const counts = opTypes((b) => {
    const x = f32(b, 'x', 1, 724, 1, 2);
    const loss = b.sum(b.mul(b.attention(x, x, x, 0.5).out, f32(b, 'dY', 1, 724, 1, 2)), [0, 1, 2, 3]);
    b.output('dx', gradients(b, loss, [x])[0]!);
  });
  expect(counts['Softmax']).toBe(1);
  const longer = opTypes((b) => {
    const x = f32(b, 'x', 1, 728, 1, 2);
    const loss = b.sum(b.mul(b.attention(x, x, x, 0.5).out, f32(b, 'dY', 1, 728, 1, 2)), [0, 1, 2, 3]);
    b.output('dx', gradients(b, loss, [x])[0]!);
  });
  expect(longer['Softmax']).toBe(2);
});

test('scatter add of many duplicates gives the same bits on every run', async () => {
  const b = new GraphBuilder('scatter');
  const [rows, width] = [5000, 33];
  const index = b.input('index', { dtype: 'i32', shape: [rows] });
  b.output('y', b.scatter(b.constant(0, 'f32', [7, width]), index, f32(b, 'updates', rows, width), 'add'));
  const session = await createOnnxBackend().open();
  const program = await session.compile(b.finish());
  const feeds = {
    index: { dtype: 'i32', shape: [rows], data: Int32Array.from({ length: rows }, (_, i) => (i * 31) % 7) },
    updates: { dtype: 'f32', shape: [rows, width], data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i) * 10 ** (i % 7)) },
  } as const;
  const sums = new Float32Array(7 * width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) sums[feeds.index.data[i]! * width + j]! += feeds.updates.data[i * width + j]!;
  }
  for (let run = 0; run < 5; run++) expect((await program.run(feeds))['y']!.data).toEqual(sums);
  await session.dispose();
});
