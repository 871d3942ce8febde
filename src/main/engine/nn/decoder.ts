/**
 * @file The pre-norm decoder shared by the Llama-like families: RMSNorm, rotary attention with grouped key heads, SwiGLU.
 * Activations are rows [B * T, width]; only attention sees [B, T, heads, headDim]. Knows nothing of caches, adapters or loss:
 * those are handed in as `attend` and `Parameters`.
 */
import type { Value } from '../ir/graph.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import type { Attend } from './attention.ts';
import type { LinearSpec, Parameters } from './parameters.ts';
import type { RopeTables } from './rope.ts';

/** The sizes a decoder layer needs; each family's config is mapped to it. */
export interface DecoderShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly rmsNormEps: number;
  readonly qkvBias: boolean;
  readonly oBias: boolean;
  readonly mlpBias: boolean;
}

export interface DecoderContext {
  readonly b: GraphBuilder;
  readonly shape: DecoderShape;
  readonly parameters: Parameters;
  readonly rope: RopeTables;
  readonly attend: Attend;
}

/** The seven linear layers of decoder layer `layer`, in execution order: what `all-linear` adapts. */
export function decoderLinears(shape: DecoderShape, layer: number): readonly LinearSpec[] {
  const prefix = `model.layers.${layer}`;
  const q = shape.heads * shape.headDim;
  const kv = shape.kvHeads * shape.headDim;
  const linear = (path: string, width: number, out: number, bias: boolean): LinearSpec => ({ path: `${prefix}.${path}`, in: width, out, bias });
  return [
    linear('self_attn.q_proj', shape.hiddenSize, q, shape.qkvBias),
    linear('self_attn.k_proj', shape.hiddenSize, kv, shape.qkvBias),
    linear('self_attn.v_proj', shape.hiddenSize, kv, shape.qkvBias),
    linear('self_attn.o_proj', q, shape.hiddenSize, shape.oBias),
    linear('mlp.gate_proj', shape.hiddenSize, shape.intermediateSize, shape.mlpBias),
    linear('mlp.up_proj', shape.hiddenSize, shape.intermediateSize, shape.mlpBias),
    linear('mlp.down_proj', shape.intermediateSize, shape.hiddenSize, shape.mlpBias),
  ];
}

/** One layer: h + attention(norm(h)), then h + mlp(norm(h)). @param h [B * T, hidden] */
export function decoderLayer(context: DecoderContext, layer: number, h: Value): Value {
  return context.b.within(`model.layers.${layer}`, () => layerOf(context, layer, h));
}

function layerOf(context: DecoderContext, layer: number, h: Value): Value {
  const { b, shape, parameters } = context;
  const [q, k, v, o, gate, up, down] = decoderLinears(shape, layer) as Tuple7<LinearSpec>;
  const norm = (x: Value, name: string) =>
    b.rmsNorm(x, parameters.weight(`model.layers.${layer}.${name}.weight`, [shape.hiddenSize]), shape.rmsNormEps);
  const attended = b.add(h, attention(context, layer, norm(h, 'input_layernorm'), { q, k, v, o }));
  const x = norm(attended, 'post_attention_layernorm');
  const activated = b.swiglu(parameters.linear(x, gate), parameters.linear(x, up));
  return b.add(attended, parameters.linear(activated, down));
}

interface AttentionLinears {
  readonly q: LinearSpec;
  readonly k: LinearSpec;
  readonly v: LinearSpec;
  readonly o: LinearSpec;
}

function attention(context: DecoderContext, layer: number, x: Value, linears: AttentionLinears): Value {
  const { b, shape, parameters, rope } = context;
  const [batch, tokens] = rope.cos.type.shape as [number, number, number];
  const project = (spec: LinearSpec, heads: number) => b.reshape(parameters.linear(x, spec), [batch, tokens, heads, shape.headDim]);
  const q = b.rope(project(linears.q, shape.heads), rope.cos, rope.sin);
  const k = b.rope(project(linears.k, shape.kvHeads), rope.cos, rope.sin);
  const out = context.attend(layer, q, k, project(linears.v, shape.kvHeads));
  return parameters.linear(b.reshape(out, [batch * tokens, shape.heads * shape.headDim]), linears.o);
}

type Tuple7<T> = readonly [T, T, T, T, T, T, T];
