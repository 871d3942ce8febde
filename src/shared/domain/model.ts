import type { AppErrorFields } from '../lib/app-error.ts';

/** A figure of a model for people: a label (`models:details` of i18n has words for the usual ones; others are shown as they stand) and its value. */
export type FactRow = readonly [label: string, value: string | number | boolean];

/** Linear layers of one name and size, which an adapter may go on. */
export type AdaptableLayer = readonly [name: string, inputs: number, outputs: number, count: number];

/** Characters of a chat template that is told as a whole; no longer one is compiled either. */
export const MAX_TEMPLATE = 262_144;
/** Characters of a chat template in a list of models; `get` has the whole. */
export const LISTED_TEMPLATE = 4096;

/** What is known of a model folder without loading its weights. */
export interface ModelFacts {
  /** `model_type` of config.json, and the family of ours that runs it. */
  readonly modelType: string;
  /** Positions that the model was made for. */
  readonly context: number;
  readonly layers: number;
  /** Rows of the embedding and of the head. */
  readonly vocabulary: number;
  /** What the family says of itself, in the order to be shown. */
  readonly rows: readonly FactRow[];
  /** In the order of execution. */
  readonly adaptable: readonly AdaptableLayer[];
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
