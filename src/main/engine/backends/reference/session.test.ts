import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { encodeHalfs } from '../../ir/float-bits.ts';
import { GraphBuilder } from '../../ops/builder.ts';
import type { BackendSession, HostTensor, StateSpec } from '../backend.ts';
import { referenceBackend } from './reference-backend.ts';

const folder = mkdtempSync(join(tmpdir(), 'tunesmith-reference-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pair = { dtype: 'f32', shape: [2] } as const;
const f32 = (...values: number[]): HostTensor => ({ dtype: 'f32', shape: [values.length], data: Float32Array.from(values) });
const variable = (name: string, ...values: number[]): StateSpec => ({
  name,
  type: pair,
  role: 'variable',
  source: { kind: 'values', tensor: f32(...values) },
});

let session: BackendSession;
beforeEach(async () => {
  session = await referenceBackend.open();
});

test('updates take effect after every read, so two states can be swapped', async () => {
  await session.addStates([variable('a', 1, 2), variable('b', 3, 4)]);
  const b = new GraphBuilder('swap');
  const [first, second] = [b.state('a', pair), b.state('b', pair)];
  b.update(first, second);
  b.update(second, b.add(first, b.input('x', pair)));
  b.output('a', first);
  const program = await session.compile(b.finish());
  expect(await program.run({ x: f32(10, 20) })).toEqual({ a: f32(1, 2) });
  expect([await session.readState('a'), await session.readState('b')]).toEqual([f32(3, 4), f32(11, 22)]);
  await session.writeState('a', f32(7, 8));
  expect((await program.run({ x: f32(0, 0) })).a).toEqual(f32(7, 8));
});

test('states come from ranges of files in any float dtype, unaligned, converted to their own', async () => {
  const values = [1, -2.5, 3.140625, 65504];
  const file = join(folder, 'weights.bin');
  const [halfs, brains] = [encodeHalfs('f16', values), encodeHalfs('bf16', values)];
  writeFileSync(
    file,
    Buffer.concat([Buffer.alloc(3), Buffer.from(halfs.buffer), Buffer.from(brains.buffer), Buffer.from(Float32Array.from(values).buffer)]),
  );
  const state = (name: string, dtype: 'f32' | 'bf16', fileDType: 'f32' | 'f16' | 'bf16', offset: number): StateSpec => ({
    name,
    type: { dtype, shape: [2, 2] },
    role: 'constant',
    source: { kind: 'file', file, offset, length: fileDType === 'f32' ? 16 : 8, fileDType },
  });
  const progress: number[] = [];
  await session.addStates([state('half', 'f32', 'f16', 3), state('brain', 'f32', 'bf16', 11), state('narrowed', 'bf16', 'f32', 19)], (done) =>
    progress.push(done),
  );
  expect(progress).toEqual([1, 2, 3]);
  expect([...(await session.readState('half')).data]).toEqual(values);
  expect([...(await session.readState('brain')).data]).toEqual([1, -2.5, 3.140625, 65536]);
  expect((await session.readState('narrowed')).data).toEqual(brains);
  await expect(session.addStates([state('late', 'f32', 'f32', 30)])).rejects.toThrow('ends 11 bytes early');
  await expect(session.addStates([{ ...state('short', 'f32', 'f32', 19), type: pair }])).rejects.toThrow('are not 2 elements');
});

test('f32 values of a bf16 state are rounded; zeros are zeros', async () => {
  const type = { dtype: 'bf16', shape: [2] } as const;
  await session.addStates([
    { name: 'rounded', type, role: 'variable', source: { kind: 'values', tensor: f32(1.001, 3) } },
    { name: 'empty', type, role: 'variable', source: { kind: 'zeros' } },
  ]);
  expect((await session.readState('rounded')).data).toEqual(Uint16Array.of(0x3f80, 0x4040));
  expect((await session.readState('empty')).data).toEqual(Uint16Array.of(0, 0));
  expect(session.memory()).toMatchObject({ weights: 0, state: 32 });
});

test('refusals name the state, program or input', async () => {
  await session.addStates([variable('a', 1, 2), { ...variable('frozen', 1, 2), role: 'constant' }]);
  const b = new GraphBuilder('program');
  b.output('y', b.add(b.state('a', pair), b.input('x', pair)));
  const program = await session.compile(b.finish());
  await expect(session.addStates([variable('a', 1, 2)])).rejects.toThrow('state a already exists');
  await expect(program.run({})).rejects.toThrow('without its input x');
  await expect(program.run({ x: f32(1, 2, 3) })).rejects.toThrow('input x of program program takes f32[2], got f32[3]');
  await expect(program.run({ x: f32(1, 2), y: f32(1, 2) })).rejects.toThrow('has no input y');
  await expect(session.removeStates(['a'])).rejects.toThrow('still used by program program');
  await expect(session.readState('nothing')).rejects.toThrow('there is no state nothing');
  await expect(session.writeState('frozen', f32(1, 2))).rejects.toThrow('constant');
  const other = new GraphBuilder('other');
  other.output('y', other.state('a', { dtype: 'f32', shape: [3] }));
  await expect(session.compile(other.finish())).rejects.toThrow('declares state a as f32[3], but it is f32[2]');
  await program.dispose();
  await expect(program.run({ x: f32(1, 2) })).rejects.toThrow('disposed');
  await session.removeStates(['a']);
  await session.dispose();
  await expect(session.readState('frozen')).rejects.toThrow('session was disposed');
});
