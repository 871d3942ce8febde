import { describe, expect, it } from 'vitest';
import { modelOf } from '../families.ts';
import { refuseBeyondLimit } from '../position-limit.ts';

const OPT_125M = {
  model_type: 'opt',
  activation_function: 'relu',
  do_layer_norm_before: true,
  dropout: 0,
  ffn_dim: 3072,
  hidden_size: 768,
  max_position_embeddings: 2048,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  vocab_size: 50272,
  word_embed_proj_dim: 768,
  bos_token_id: 2,
  eos_token_id: 2,
  pad_token_id: 1,
};
const OPT_350M = {
  ...OPT_125M,
  do_layer_norm_before: false,
  hidden_size: 1024,
  ffn_dim: 4096,
  num_attention_heads: 16,
  num_hidden_layers: 24,
  word_embed_proj_dim: 512,
};

function model(config: object) {
  return modelOf(config, undefined, 'm/config.json');
}

function parameters(config: object): number {
  return [...model(config).tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

describe('config.json of OPT', () => {
  // As transformers counts them.
  it('describes models of the right size', () => {
    expect(parameters(OPT_125M)).toBe(125_239_296);
    expect(parameters(OPT_350M)).toBe(331_196_416);
  });

  it('may leave out what transformers fills in', () => {
    const { sizes, tokens, config } = model({ model_type: 'opt' });
    expect(sizes).toMatchObject({ layers: 12, hiddenSize: 768, vocabSize: 50_272, heads: 12, context: 2048 });
    expect(tokens).toEqual({ bos: 2, eos: [2], pad: 1 });
    expect(config).toMatchObject({
      ffnSize: 3072,
      embeddingSize: 768,
      normFirst: true,
      finalNorm: true,
      bias: true,
      affineNorms: true,
      tied: true,
      activation: 'relu',
    });
  });

  it('has a final norm where norms come first, unless an old checkpoint lacks it', () => {
    const finalNorm = (config: object) => model(config).tensors.has('model.decoder.final_layer_norm.weight');
    expect(finalNorm(OPT_125M)).toBe(true);
    expect(finalNorm(OPT_350M)).toBe(false);
    expect(finalNorm({ ...OPT_125M, _remove_final_layer_norm: true })).toBe(false);
  });

  it('says that training leaves out the dropout it asks for', () => {
    expect(model(OPT_125M).notices).toEqual([]);
    expect(model({ ...OPT_125M, dropout: 0.1 }).notices).toEqual([expect.stringMatching(/dropout of up to 0\.1/)]);
  });

  it('cannot go beyond the positions that were learned', () => {
    const opt = model(OPT_125M);
    expect(() => refuseBeyondLimit(opt, 2048, '')).not.toThrow();
    expect(() => refuseBeyondLimit(opt, 2049, 'Set max_length.')).toThrow(/learned 2048 positions.*2049 tokens/);
  });

  it.each([
    ['an activation that is not there', { ...OPT_125M, activation_function: 'gelu_10' }, 'MODEL-UNSUPPORTED', /activation_function "gelu_10"/],
    ['uneven heads', { ...OPT_125M, num_attention_heads: 7 }, 'MODEL-CONFIG', /not a multiple/],
    ['quantised', { ...OPT_125M, quantization_config: {} }, 'MODEL-UNSUPPORTED', /quantization_config/],
    ['a width as text', { ...OPT_125M, ffn_dim: '3072' }, 'MODEL-CONFIG', /ffn_dim/],
  ])('refuses: %s', (_name, config, code, message) => {
    expect(() => model(config)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
