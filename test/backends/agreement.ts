/** @file A backend held against the reference on every op case: values, gradients, odd sizes. One line in a backend's test file. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, BackendSession, HostTensor } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { decodeHalfs, isHalf } from '../../src/main/engine/ir/float-bits.ts';
import { gradientCases, opCases } from './cases.ts';
import { caseGraph, type OpCase } from './op-case.ts';

/**
 * Largest error allowed, relative to the element or to the tensor's root mean square, whichever is larger: some tens of units
 * in the last place of f32 (sums in another order), two of bf16 (a rounding that falls the other way, carried through one op).
 */
const TOLERANCE = { f32: 2e-5, f16: 2 ** -9, bf16: 2 ** -6, i32: 0, bool: 0 } as const;

function numbers({ dtype, data }: HostTensor): ArrayLike<number> {
  return isHalf(dtype) ? decodeHalfs(dtype, data as Uint16Array) : data;
}

/** Throws naming the worst element. Infinities and NaN must be where the expected tensor has them. */
export function expectAgreement(what: string, got: HostTensor, want: HostTensor, tolerance: number = TOLERANCE[want.dtype]): void {
  expect({ dtype: got.dtype, shape: got.shape }, what).toEqual({ dtype: want.dtype, shape: want.shape });
  const [a, b] = [numbers(got), numbers(want)];
  let squares = 0;
  for (let i = 0; i < b.length; i++) squares += b[i]! ** 2;
  const rms = Math.sqrt(squares / Math.max(1, b.length));
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const error = Math.abs(a[i]! - b[i]!) / Math.max(Math.abs(b[i]!), Number.isFinite(rms) ? rms : 0);
    if (!(error <= tolerance)) throw new Error(`${what}: element ${i} is ${a[i]}, expected ${b[i]} (error ${error}, allowed ${tolerance})`);
  }
}

async function outputsOn(session: BackendSession, opCase: OpCase, seed: number): Promise<Readonly<Record<string, HostTensor>>> {
  const program = await session.compile(caseGraph(opCase));
  try {
    return await program.run(opCase.feeds(seed));
  } finally {
    await program.dispose();
  }
}

/** Registers one test a case. @param skip cases by name that the backend does not claim to run, each with its reason */
export function describeAgreement(backend: Backend, skip: Readonly<Record<string, string>> = {}): void {
  describe(`${backend.info.kind} agrees with the reference`, () => {
    let session: BackendSession;
    let reference: BackendSession;
    beforeAll(async () => {
      [session, reference] = await Promise.all([backend.open(), referenceBackend.open()]);
    });
    afterAll(async () => {
      await Promise.all([session.dispose(), reference.dispose()]);
    });
    for (const opCase of [...opCases, ...gradientCases]) {
      test.skipIf(opCase.name in skip)(opCase.name, async () => {
        const [got, want] = [await outputsOn(session, opCase, 1), await outputsOn(reference, opCase, 1)];
        for (const [name, tensor] of Object.entries(want)) expectAgreement(`${opCase.name}: ${name}`, got[name]!, tensor);
      });
    }
  });
}
