import { describe, expect, it } from 'vitest';
import { modelOf } from './families.ts';

const LLAMA = {
  model_type: 'llama',
  hidden_size: 24,
  intermediate_size: 44,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 37,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
};
const QWEN = { ...LLAMA, model_type: 'qwen2', num_key_value_heads: 2, num_hidden_layers: 40, rope_theta: 1e6 };
const parse = (json: unknown, generation?: unknown) => modelOf(json, generation, 'm/config.json').config;

describe('a family reads config.json', () => {
  it('fills in what a bare Llama file leaves out as transformers does', () => {
    expect(parse(LLAMA)).toEqual({
      family: 'llama',
      hiddenSize: 24,
      intermediateSize: 44,
      layers: 2,
      heads: 4,
      kvHeads: 4,
      headDim: 6,
      vocabSize: 37,
      rmsNormEps: 1e-5,
      rope: { theta: 10000, scaling: { kind: 'none' } },
      tieWordEmbeddings: false,
      qkvBias: false,
      oBias: false,
      mlpBias: false,
      maxPositionEmbeddings: 64,
      bosTokenId: 1,
      eosTokenIds: [2],
      padTokenId: null,
    });
  });

  it('gives Qwen2 its biases, whatever the file says', () => {
    expect(parse({ ...QWEN, attention_bias: false })).toMatchObject({ qkvBias: true, oBias: false, mlpBias: false, kvHeads: 2 });
    expect(parse({ ...LLAMA, attention_bias: true, mlp_bias: true })).toMatchObject({ qkvBias: true, oBias: true, mlpBias: true });
  });

  const llama3 = { factor: 32, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
  it.each([
    ['v4 theta', { rope_theta: 5e5 }, 5e5, { kind: 'none' }],
    ['v5 theta', { rope_parameters: { rope_type: 'default', rope_theta: 5e5 } }, 5e5, { kind: 'none' }],
    ['v4 linear', { rope_theta: 1e5, rope_scaling: { type: 'linear', factor: 4 } }, 1e5, { kind: 'linear', factor: 4 }],
    ['v5 linear', { rope_parameters: { rope_type: 'linear', rope_theta: 1e5, factor: 4 } }, 1e5, { kind: 'linear', factor: 4 }],
    [
      'v4 llama3',
      { rope_theta: 5e5, rope_scaling: { rope_type: 'llama3', ...llama3 } },
      5e5,
      { kind: 'llama3', factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192 },
    ],
    [
      'v5 llama3',
      { rope_parameters: { rope_type: 'llama3', rope_theta: 5e5, ...llama3 } },
      5e5,
      { kind: 'llama3', factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192 },
    ],
  ])('reads rope of %s', (_name, fields, theta, scaling) => {
    expect(parse({ ...LLAMA, ...fields })).toMatchObject({ rope: { theta, scaling } });
  });

  it('takes the end tokens of generation_config.json first', () => {
    expect(parse({ ...LLAMA, eos_token_id: 2 }, { eos_token_id: [5, 6, 5] })).toMatchObject({ eosTokenIds: [5, 6] });
    expect(parse({ ...LLAMA, eos_token_id: [2, 3] }, {})).toMatchObject({ eosTokenIds: [2, 3] });
    expect(parse({ ...LLAMA, eos_token_id: [-1, 3], pad_token_id: -1 }, { eos_token_id: -1 })).toMatchObject({ eosTokenIds: [3], padTokenId: null });
  });

  it.each([
    ['unknown family', { ...LLAMA, model_type: 'gemma3' }, 'MODEL-FAMILY', /"gemma3" is not supported; llama, .*qwen2.* are/],
    ['no family', { hidden_size: 1 }, 'MODEL-CONFIG', /model_type/],
    ['not an object', [], 'MODEL-CONFIG', /m\/config\.json/],
    ['longrope', { ...LLAMA, rope_scaling: { rope_type: 'longrope', factor: 4 } }, 'MODEL-UNSUPPORTED', /rope type "longrope"/],
    ['id below -1', { ...LLAMA, pad_token_id: -2 }, 'MODEL-CONFIG', /pad_token_id/],
    ['factor 0', { ...LLAMA, rope_scaling: { type: 'linear', factor: 0 } }, 'MODEL-CONFIG', /factor/],
    ['linear without factor', { ...LLAMA, rope_scaling: { type: 'linear' } }, 'MODEL-CONFIG', /needs factor/],
    ['rope by layer', { ...LLAMA, rope_parameters: { full_attention: { rope_type: 'default' } } }, 'MODEL-UNSUPPORTED', /differ by layer/],
    ['partial rotary', { ...LLAMA, partial_rotary_factor: 0.5 }, 'MODEL-UNSUPPORTED', /partial_rotary_factor 0\.5/],
    ['gelu', { ...LLAMA, hidden_act: 'gelu' }, 'MODEL-UNSUPPORTED', /hidden_act "gelu"/],
    ['quantised', { ...LLAMA, quantization_config: { bits: 4 } }, 'MODEL-UNSUPPORTED', /quantization_config/],
    ['sliding window', { ...QWEN, use_sliding_window: true, sliding_window: 32 }, 'MODEL-UNSUPPORTED', /sliding_window 32/],
    ['uneven heads', { ...LLAMA, num_key_value_heads: 3 }, 'MODEL-CONFIG', /not a multiple/],
    ['odd head', { ...LLAMA, head_dim: 7 }, 'MODEL-CONFIG', /odd/],
    ['hostile size', { ...LLAMA, num_hidden_layers: 1e9 }, 'MODEL-CONFIG', /num_hidden_layers/],
    ['text as size', { ...LLAMA, hidden_size: '24' }, 'MODEL-CONFIG', /hidden_size/],
  ])('refuses: %s', (_name, json, code, message) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it('accepts a sliding window that cannot matter', () => {
    expect(() => parse({ ...QWEN, use_sliding_window: false, sliding_window: 32 })).not.toThrow();
    expect(() => parse({ ...QWEN, use_sliding_window: true, sliding_window: 64 })).not.toThrow();
    expect(() => parse({ ...QWEN, num_hidden_layers: 28, use_sliding_window: true, sliding_window: 32 })).not.toThrow();
  });
});
