/** @file Models that the version before remembered, with a Llama's configuration where facts are kept now, are read as if they had been opened today. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runFacts } from '../../src/main/engine/facts.ts';
import type { EngineEvent } from '../../src/main/engine/protocol.ts';
import { withToldFacts } from '../../src/main/registry/told-facts.ts';
import { modelStateSchema } from '../../src/shared/domain/model-state.ts';

const STARTER = fileURLToPath(new URL('../../resources/starter/model', import.meta.url));
/** As 0.1.0 wrote it, less the chat template. */
const EARLIER = {
  kind: 'usable',
  facts: {
    modelType: 'llama',
    config: {
      family: 'llama',
      hiddenSize: 256,
      intermediateSize: 768,
      layers: 6,
      heads: 8,
      kvHeads: 2,
      headDim: 32,
      vocabSize: 1024,
      rmsNormEps: 0.00001,
      rope: { theta: 10000, scaling: { kind: 'none' } },
      tieWordEmbeddings: true,
      qkvBias: false,
      oBias: false,
      mlpBias: false,
      maxPositionEmbeddings: 512,
      bosTokenId: 0,
      eosTokenIds: [2, 0],
      padTokenId: 3,
    },
    parameters: 4787456,
    weightBytes: 9574912,
    dtypes: { F16: 9574912 },
    eosToken: '<|im_end|>',
    license: null,
  },
};

it('gives the starter the facts that the engine tells of it', async () => {
  const events: EngineEvent[] = [];
  await runFacts({ kind: 'facts', folders: [STARTER] }, (event) => events.push(event), new AbortController().signal);
  const [told] = events;
  if (told?.kind !== 'facts' || told.state.kind !== 'usable') throw new Error('the starter cannot be read');
  const { chatTemplate } = told.state.facts;
  const read = modelStateSchema.parse(withToldFacts({ ...EARLIER, facts: { ...EARLIER.facts, chatTemplate } }));
  expect(read).toEqual(told.state);
});

it('leaves what is written today as it is, and what it does not know to the schema', () => {
  for (const state of [{ kind: 'usable', facts: { rows: [] } }, { kind: 'unusable', error: {} }, null, 'x']) expect(withToldFacts(state)).toBe(state);
});
