/** @file A backend held against the reference on every op case: values, gradients, odd sizes. One line in a backend's test file. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, BackendSession, HostTensor } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { gradientCases, opCases } from './cases.ts';
import { caseGraph, type OpCase } from './op-case.ts';
import { TOLERANCE, worstElement } from './tensor-error.ts';

/** Throws naming the worst element. Infinities and NaN must be where the expected tensor has them. */
export function expectAgreement(what: string, got: HostTensor, want: HostTensor, tolerance: number = TOLERANCE[want.dtype]): void {
  expect({ dtype: got.dtype, shape: got.shape }, what).toEqual({ dtype: want.dtype, shape: want.shape });
  const worst = worstElement(got, want);
  if (!(worst.error <= tolerance)) {
    throw new Error(`${what}: element ${worst.index} is ${worst.got}, expected ${worst.want} (error ${worst.error}, allowed ${tolerance})`);
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

/** Registers one test a case. */
export function describeAgreement(backend: Backend): void {
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
      test(opCase.name, async () => {
        const [got, want] = [await outputsOn(session, opCase, 1), await outputsOn(reference, opCase, 1)];
        for (const [name, tensor] of Object.entries(want)) expectAgreement(`${opCase.name}: ${name}`, got[name]!, tensor);
      });
    }
  });
}
