import { describe, expect, it } from 'vitest';
import { modelOf } from '../families.ts';

const PYTHIA_70M = {
  model_type: 'gpt_neox',
  hidden_act: 'gelu',
  hidden_size: 512,
  intermediate_size: 2048,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 2048,
  num_attention_heads: 8,
  num_hidden_layers: 6,
  rotary_emb_base: 10000,
  rotary_pct: 0.25,
  tie_word_embeddings: false,
  use_parallel_residual: true,
  vocab_size: 50304,
  bos_token_id: 0,
  eos_token_id: 0,
};

function model(config: object) {
  return modelOf(config, undefined, 'm/config.json');
}

function parameters(config: object): number {
  return [...model(config).tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

describe('config.json of GPT-NeoX', () => {
  // As transformers counts them: Pythia 70m, then what a bare file describes, gpt-neox-20b.
  it('describes models of the right size', () => {
    expect(parameters(PYTHIA_70M)).toBe(70_426_624);
    expect(parameters({ model_type: 'gpt_neox' })).toBe(20_554_567_680);
    expect(parameters({ model_type: 'gpt_neox', attention_bias: false })).toBe(20_553_486_336);
  });

  it('may leave out what transformers fills in', () => {
    const { sizes, tokens, config, notices } = model({ model_type: 'gpt_neox' });
    expect(sizes).toMatchObject({ layers: 44, hiddenSize: 6144, vocabSize: 50_432, heads: 64, kvHeads: 64, headDim: 96, context: 2048 });
    expect(tokens).toEqual({ bos: 0, eos: [2], pad: null });
    expect(config).toMatchObject({
      intermediateSize: 24_576,
      normEps: 1e-5,
      activation: 'gelu',
      parallel: true,
      attentionBias: true,
      tied: false,
      rotaryWidth: 24,
    });
    expect(notices).toEqual([]);
  });

  // What transformers 5.18 makes of each: it knows theta and the part by the family's old names, or within rope_parameters.
  it.each([
    ['nothing', {}, 10_000, 16],
    ['the names of transformers 4', { rotary_emb_base: 500, rotary_pct: 0.5 }, 500, 32],
    ['the names of transformers 5', { rope_parameters: { rope_type: 'default', rope_theta: 7, partial_rotary_factor: 1 } }, 7, 64],
    ['both', { rotary_emb_base: 500, rotary_pct: 0.5, rope_parameters: { rope_type: 'default', rope_theta: 7, partial_rotary_factor: 1 } }, 7, 64],
    ['the names of other families', { rope_theta: 500, partial_rotary_factor: 0.5 }, 10_000, 16],
    ['scaling beside old names', { rotary_emb_base: 500, rotary_pct: 0.5, rope_scaling: { type: 'linear', factor: 2 } }, 500, 32],
    ['a part that is no whole number', { rotary_pct: 0.26 }, 10_000, 16],
  ])('reads rotary keys: %s', (_name, keys, theta, rotaryWidth) => {
    const { rotary_emb_base: _base, rotary_pct: _part, ...plain } = PYTHIA_70M;
    expect(model({ ...plain, ...keys }).config).toMatchObject({ rope: { theta }, rotaryWidth });
  });

  it("adapts what PEFT's all-linear finds, the fused projection as one", () => {
    const paths = model({ ...PYTHIA_70M, num_hidden_layers: 1 }).linears.map(({ path, in: width, out, bias }) => [path, width, out, bias]);
    expect(paths).toEqual([
      ['gpt_neox.layers.0.attention.query_key_value', 512, 1536, true],
      ['gpt_neox.layers.0.attention.dense', 512, 512, true],
      ['gpt_neox.layers.0.mlp.dense_h_to_4h', 512, 2048, true],
      ['gpt_neox.layers.0.mlp.dense_4h_to_h', 2048, 512, true],
    ]);
  });

  it('knows the buffers of old files, and takes no bias for one', () => {
    const { isHarmless } = model(PYTHIA_70M);
    const names = ['attention.bias', 'attention.masked_bias', 'attention.rotary_emb.inv_freq', 'attention.dense.bias'];
    expect(names.map((name) => isHarmless(`gpt_neox.layers.0.${name}`))).toEqual([true, true, true, false]);
    expect(isHarmless('embed_out.weight')).toBe(false);
    expect(model({ ...PYTHIA_70M, tie_word_embeddings: true }).isHarmless('embed_out.weight')).toBe(true);
  });

  it('says that training leaves out the dropout it asks for', () => {
    expect(model({ ...PYTHIA_70M, hidden_dropout: 0.1 }).notices).toEqual([expect.stringMatching(/dropout of up to 0\.1/)]);
  });

  it.each([
    ['an activation that is not there', { ...PYTHIA_70M, hidden_act: 'gelu_10' }, 'MODEL-UNSUPPORTED', /hidden_act "gelu_10"/],
    ['uneven heads', { ...PYTHIA_70M, num_attention_heads: 7 }, 'MODEL-CONFIG', /not a multiple/],
    ['nothing rotated', { ...PYTHIA_70M, rotary_pct: 0 }, 'MODEL-CONFIG', /rotary_pct 0 would rotate 0 of the 64/],
    ['more than a head rotated', { ...PYTHIA_70M, rotary_pct: 1.5 }, 'MODEL-CONFIG', /rotary_pct 1\.5 would rotate 96 of the 64/],
    ['an odd width rotated', { ...PYTHIA_70M, rotary_pct: 0.24 }, 'MODEL-CONFIG', /odd/],
    ['quantised', { ...PYTHIA_70M, quantization_config: {} }, 'MODEL-UNSUPPORTED', /quantization_config/],
    ['a width as text', { ...PYTHIA_70M, intermediate_size: '2048' }, 'MODEL-CONFIG', /intermediate_size/],
  ])('refuses: %s', (_name, config, code, message) => {
    expect(() => model(config)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
