import type { AppErrorFields } from '../lib/app-error.ts';

/** The architectures the engine can run; `model_type` of config.json. */
export const MODEL_FAMILIES = ['llama', 'qwen2'] as const;
export type ModelFamily = (typeof MODEL_FAMILIES)[number];

/** How rotary frequencies are changed for long contexts (spec section 7). */
export type RopeScaling =
  | { readonly kind: 'none' }
  /** inv_freq / factor */
  | { readonly kind: 'linear'; readonly factor: number }
  /** As `none` up to maxPositionEmbeddings; beyond, the frequencies would follow the longest row of each batch, which is refused. */
  | { readonly kind: 'dynamic'; readonly factor: number }
  | {
      readonly kind: 'yarn';
      readonly factor: number;
      /** Multiplies cosines and sines. */
      readonly attentionFactor: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly truncate: boolean;
      readonly originalMaxPositionEmbeddings: number;
    }
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

/** Characters of a chat template that is told as a whole; no longer one is compiled either. */
export const MAX_TEMPLATE = 262_144;
/** Characters of a chat template in a list of models; `get` has the whole. */
export const LISTED_TEMPLATE = 4096;

/** What is known of a model folder without loading its weights. */
export interface ModelFacts {
  /** `model_type` of config.json, and the family of ours that runs it. */
  readonly modelType: string;
  readonly config: ModelConfig;
  /** Sum over the weights' headers; a tied head counts once. */
  readonly parameters: number;
  readonly weightBytes: number;
  /** Bytes by safetensors dtype, e.g. `{ BF16: 269030400 }`. */
  readonly dtypes: Readonly<Record<string, number>>;
  /** The model's own Jinja template; null where it has none. Only its beginning where it is longer than `MAX_TEMPLATE`, in lists `LISTED_TEMPLATE`. */
  readonly chatTemplate: string | null;
  readonly eosToken: string | null;
  /** From the model card's front matter; null where it does not say. */
  readonly license: string | null;
}

/** A model folder that the studio knows of. The folder stays where it is; forgetting it deletes nothing. */
export interface ModelRecord {
  readonly id: string;
  readonly name: string;
  /** Absolute path of the folder. */
  readonly path: string;
  readonly source: 'folder' | 'hub-cache' | 'starter';
  readonly addedAt: string;
  readonly state: ModelState;
}

export type ModelState =
  | { readonly kind: 'usable'; readonly facts: ModelFacts }
  /** It is there, and why the engine cannot run it. */
  | { readonly kind: 'unusable'; readonly error: AppErrorFields };
