/** @file Every op case through the CUDA schedule and its generated kernels, simulated: fusion, indices, memory plan. No GPU needed. */
import { beforeAll, describe, test } from 'vitest';
import type { BackendSession } from '../../src/main/engine/backends/backend.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import { simulate } from '../support/simulated-device.ts';
import { expectAgreement } from './agreement.ts';
import { gradientCases, opCases } from './cases.ts';
import { caseGraph } from './op-case.ts';

describe('the CUDA schedule agrees with the reference', () => {
  let reference: BackendSession;
  beforeAll(async () => {
    reference = await referenceBackend.open();
  });
  for (const opCase of [...opCases, ...gradientCases]) {
    test(opCase.name, async () => {
      const graph = caseGraph(opCase);
      const feeds = opCase.feeds(1);
      const want = await (await reference.compile(graph)).run(feeds);
      const { outputs } = simulate(graph, feeds);
      for (const [name, tensor] of Object.entries(want)) expectAgreement(`${opCase.name} ${name}`, outputs[name]!, tensor);
    });
  }
});
