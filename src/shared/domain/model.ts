/** The architectures the engine can run; `model_type` of config.json. */
export const MODEL_FAMILIES = ['llama', 'qwen2'] as const;
export type ModelFamily = (typeof MODEL_FAMILIES)[number];

/** How rotary frequencies are changed for long contexts (spec section 7). */
export type RopeScaling =
  | { readonly kind: 'none' }
  /** inv_freq / factor */
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    };

/** What the engine needs to know of a decoder-only model, read from config.json and generation_config.json. */
export interface ModelConfig {
  readonly family: ModelFamily;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Width of a head; `heads * headDim` need not equal `hiddenSize`. */
  readonly headDim: number;
  /** Rows of the embedding (and of the head). */
  readonly vocabSize: number;
  readonly rmsNormEps: number;
  readonly rope: { readonly theta: number; readonly scaling: RopeScaling };
  readonly tieWordEmbeddings: boolean;
  /** q, k and v projections have a bias. */
  readonly qkvBias: boolean;
  readonly oBias: boolean;
  readonly mlpBias: boolean;
  readonly maxPositionEmbeddings: number;
  readonly bosTokenId: number | null;
  /** Ids that end a generated sequence; generation_config.json wins over config.json. May be empty. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
}
