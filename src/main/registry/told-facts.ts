/** @file Models that an earlier version remembered: it kept the configuration of a Llama or Qwen2 where facts are kept now. */
import { z } from 'zod';

const size = z.int().min(0);

const earlierSchema = z.looseObject({
  kind: z.literal('usable'),
  facts: z.looseObject({
    config: z.looseObject({
      hiddenSize: size,
      intermediateSize: size,
      layers: size,
      heads: size,
      kvHeads: size,
      headDim: size,
      vocabSize: size,
      maxPositionEmbeddings: size,
      tieWordEmbeddings: z.boolean(),
    }),
  }),
});

/** The state as it is written today; anything else is given back as it is. */
export function withToldFacts(state: unknown): unknown {
  const earlier = earlierSchema.safeParse(state);
  if (!earlier.success) return state;
  const {
    facts: { config, ...facts },
    ...rest
  } = earlier.data;
  const { hiddenSize: hidden, intermediateSize: wide, layers, heads, kvHeads, headDim } = config;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  return {
    ...rest,
    facts: {
      ...facts,
      context: config.maxPositionEmbeddings,
      layers,
      vocabulary: config.vocabSize,
      rows: [
        ['vocabulary', config.vocabSize],
        ['layers', layers],
        ['hidden', hidden],
        ['heads', `${heads} / ${kvHeads}`],
        ['intermediate', wide],
        ['tied', config.tieWordEmbeddings],
      ],
      adaptable: [
        ['q_proj', hidden, q, layers],
        ['k_proj', hidden, kv, layers],
        ['v_proj', hidden, kv, layers],
        ['o_proj', q, hidden, layers],
        ['gate_proj', hidden, wide, layers],
        ['up_proj', hidden, wide, layers],
        ['down_proj', wide, hidden, layers],
      ],
    },
  };
}
