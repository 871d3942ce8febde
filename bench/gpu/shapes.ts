/** @file Shapes of known models, and what a LoRA step of one costs. Speed does not depend on values, so weights are random. */
import { llamaModel } from '../../src/main/engine/models/llama/build.ts';
import type { Model } from '../../src/main/engine/models/model.ts';
import { selectLoraTargets, type LoraSelection } from '../../src/main/engine/train/lora-targets.ts';
import type { LoraTarget } from '../../src/main/engine/train/trainable.ts';

interface Shape {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'qwen2.5-0.5b': { hiddenSize: 896, layers: 24, heads: 14, kvHeads: 2, intermediateSize: 4864, vocabSize: 151_936 },
  'qwen2.5-1.5b': { hiddenSize: 1536, layers: 28, heads: 12, kvHeads: 2, intermediateSize: 8960, vocabSize: 151_936 },
  'qwen2.5-7b': { hiddenSize: 3584, layers: 28, heads: 28, kvHeads: 4, intermediateSize: 18_944, vocabSize: 152_064 },
  'smollm2-135m': { hiddenSize: 576, layers: 30, heads: 9, kvHeads: 3, intermediateSize: 1536, vocabSize: 49_152 },
  /** For trying the benchmark itself where there is no GPU. */
  tiny: { hiddenSize: 64, layers: 2, heads: 4, kvHeads: 2, intermediateSize: 96, vocabSize: 515 },
};

export interface SpeedCase {
  readonly model: string;
  readonly batch: number;
  readonly length: number;
  /** With gradient checkpointing: every layer computed again for its backward pass. */
  readonly recompute: boolean;
}

/** `model:batch:length`, or `model:batch:length:recompute` */
export function parseSpeedCase(text: string): SpeedCase {
  const [model = '', batch, length, how] = text.split(':');
  if (!(model in SHAPES) || !(Number(batch) > 0) || !(Number(length) > 1) || (how !== undefined && how !== 'recompute')) {
    throw new Error(`"${text}" is not model:batch:length or model:batch:length:recompute; models are ${Object.keys(SHAPES).join(', ')}`);
  }
  return { model, batch: Number(batch), length: Number(length), recompute: how === 'recompute' };
}

/** Every shape is built as the Qwen2 family (biases on q, k and v), as the peers' scripts build them. */
export function modelOfShape(name: string): Model {
  const shape = SHAPES[name];
  if (!shape) throw new Error(`no shape "${name}"; there are ${Object.keys(SHAPES).join(', ')}`);
  return llamaModel({
    family: 'qwen2',
    ...shape,
    headDim: shape.hiddenSize / shape.heads,
    rmsNormEps: 1e-6,
    rope: { theta: 1e6, scaling: { kind: 'none' } },
    tieWordEmbeddings: name !== 'qwen2.5-7b',
    qkvBias: true,
    oBias: false,
    mlpBias: false,
    maxPositionEmbeddings: 32_768,
    bosTokenId: null,
    eosTokenIds: [],
    padTokenId: null,
  });
}

export const LORA: LoraSelection = { targetModules: 'all-linear', rank: 16, alpha: 32, rsLora: false };

export function loraTargets({ linears }: Model): readonly LoraTarget[] {
  return selectLoraTargets(linears, LORA);
}

/**
 * Arithmetic of one token of a LoRA step, nothing recomputed: 4 a parameter of blocks and head (forward, and backward to the
 * input only), 7 * length * width * layers of causal attention, 6 an adapter parameter.
 */
export function flopsPerToken({ linears, sizes }: Model, length: number): number {
  const blocks = linears.reduce((sum, linear) => sum + linear.in * linear.out, 0);
  const adapters = linears.reduce((sum, linear) => sum + LORA.rank * (linear.in + linear.out), 0);
  const head = sizes.vocabSize * sizes.hiddenSize;
  return 4 * (blocks + head) + 7 * length * sizes.heads * sizes.headDim * sizes.layers + 6 * adapters;
}
