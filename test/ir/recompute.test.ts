/** @file Gradient checkpointing as a pass: the same bits from less memory, on every backend that runs without a GPU. */
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/autodiff/reverse.ts';
import type { Backend } from '../../src/main/engine/backends/backend.ts';
import { scheduleGraph } from '../../src/main/engine/backends/cuda/schedule/schedule.ts';
import { createOnnxBackend } from '../../src/main/engine/backends/onnx/backend.ts';
import { programMemory } from '../../src/main/engine/backends/onnx/workspace.ts';
import { referenceBackend } from '../../src/main/engine/backends/reference/reference-backend.ts';
import type { Graph, Value } from '../../src/main/engine/ir/graph.ts';
import { livePeak } from '../../src/main/engine/ir/live-memory.ts';
import { recomputeCheap } from '../../src/main/engine/ir/passes/recompute-cheap.ts';
import { recompute } from '../../src/main/engine/ir/passes/recompute.ts';
import { printNode } from '../../src/main/engine/ir/print.ts';
import { verifyGraph } from '../../src/main/engine/ir/verify.ts';
import { GraphBuilder } from '../../src/main/engine/ops/builder.ts';
import { shapeRules } from '../../src/main/engine/ops/shape-rules.ts';
import { float, hostTensor, int } from '../backends/op-case.ts';
import { H200, simulate } from '../support/simulated-device.ts';

interface Sizes {
  readonly layers: number;
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly headDim: number;
  readonly wide: number;
}

const SMALL: Sizes = { layers: 3, batch: 2, tokens: 5, heads: 2, headDim: 4, wide: 12 };
const LARGE: Sizes = { layers: 6, batch: 4, tokens: 256, heads: 4, headDim: 16, wide: 256 };
const GRADIENT_OF = { swiglu: 'swigluBackward', rmsNorm: 'rmsNormBackward' } as const;
const names = ['norm', 'q', 'k', 'v', 'gate', 'up', 'down'] as const;

/** Residual layers of attention and SwiGLU, with dropout, over weights that are inputs; the loss, and its gradient by every weight. */
function layered({ layers, batch, tokens, heads, headDim, wide }: Sizes): Graph {
  const b = new GraphBuilder('layers');
  const [rows, hidden] = [batch * tokens, heads * headDim];
  const shapes = {
    norm: [hidden],
    q: [hidden, hidden],
    k: [hidden, hidden],
    v: [hidden, hidden],
    gate: [wide, hidden],
    up: [wide, hidden],
    down: [hidden, wide],
  };
  const seed = b.input('seed', { dtype: 'i32', shape: [2] });
  const weights = Array.from({ length: layers }, (_, layer) =>
    names.map((name) => b.input(`${name}${layer}`, { dtype: 'f32', shape: shapes[name] })),
  );
  const layer = (x: Value, [norm, q, k, v, gate, up, down]: readonly Value[], stream: number) => {
    const normed = b.rmsNorm(x, norm!, 1e-5);
    const split = (weight: Value) => b.reshape(b.linear(normed, weight).y, [batch, tokens, heads, headDim]);
    const attended = b.add(x, b.reshape(b.attention(split(q!), split(k!), split(v!), 0.3).out, [rows, hidden]));
    const kept = b.cast(b.less(b.random(seed, [rows, hidden], stream), 0.9), 'f32');
    const activated = b.swiglu(b.linear(attended, gate!).y, b.linear(attended, up!).y);
    return b.add(attended, b.mul(b.linear(activated, down!).y, kept));
  };
  const x = b.input('x', { dtype: 'f32', shape: [rows, hidden] });
  const last = weights.reduce((h, own, i) => b.within(`layers.${i}`, () => layer(h, own, i)), x);
  const loss = b.sum(b.mul(last, last), [0, 1]);
  b.output('loss', loss);
  gradients(b, loss, weights.flat()).forEach((gradient, i) => b.output(`d${i}`, gradient!));
  return b.finish();
}

function feedsOf(graph: Graph) {
  return Object.fromEntries(
    graph.inputs.map(({ name, value }, i) => {
      const { shape } = graph.values[value]!.type;
      return [name, hostTensor(name === 'seed' ? int(shape, 1, 9) : float(shape), 1, i)];
    }),
  );
}

async function run(backend: Backend, graph: Graph) {
  const session = await backend.open();
  try {
    return await (await session.compile(graph)).run(feedsOf(graph));
  } finally {
    await session.dispose();
  }
}

const BACKENDS: Readonly<Record<string, () => Backend>> = { reference: () => referenceBackend, onnx: () => createOnnxBackend({ threads: 2 }) };

describe('recompute', () => {
  test.each(Object.entries(BACKENDS))('%s: every bit is as it was without', async (_, backend) => {
    const graph = layered(SMALL);
    const again = recompute(graph);
    verifyGraph(again, shapeRules);
    expect(again.nodes.length).toBeGreaterThan(graph.nodes.length);
    expect(await run(backend(), again)).toEqual(await run(backend(), graph));
  });

  test('on the CUDA schedule, simulated', () => {
    const graph = layered(SMALL);
    expect(simulate(recompute(graph), feedsOf(graph)).outputs).toEqual(simulate(graph, feedsOf(graph)).outputs);
  });

  test('a layer keeps what it was given and gives on, and computes the rest when its gradient has arrived', () => {
    const graph = recompute(layered(SMALL));
    const scopes = graph.nodes.map(({ scope }) => scope);
    const first = graph.nodes.findIndex(({ scope }) => scope === 'again/layers.1');
    expect(first).toBeGreaterThan(scopes.lastIndexOf('backward/layers.2'));
    expect(first).toBeLessThan(scopes.indexOf('backward/layers.1'));
    const own = graph.nodes.filter(({ scope }) => scope === 'again/layers.1').map(({ op }) => op);
    // Three projections, gate and up; not the product that nobody reads but the next layer.
    expect(own.filter((op) => op === 'linear')).toHaveLength(5);
    expect(own.filter((op) => op === 'random')).toHaveLength(1);
    const read = new Set(graph.nodes.filter(({ scope }) => scope === 'backward/layers.1').flatMap(({ inputs }) => inputs));
    const kept = graph.nodes
      .filter(({ scope }) => scope === 'layers.1')
      .flatMap(({ outputs }) => outputs)
      .filter((id) => read.has(id));
    expect(kept).toEqual([]);
    expect(printNode(graph, graph.nodes[first]!)).toMatch(/^%\d+ = after\(.*\) : .* @again\/layers\.1$/);
  });

  test('memory falls to about one layer, on the CPU and in the plan of the GPU', () => {
    const [kept, again] = [layered(LARGE), recompute(layered(LARGE))];
    expect(programMemory(again).workspace).toBeLessThan(0.55 * programMemory(kept).workspace);
    expect(scheduleGraph(again, H200).memory.arenaBytes).toBeLessThan(0.55 * scheduleGraph(kept, H200).memory.arenaBytes);
  });

  test('norms and activations alone: computed beside their gradients, and read from there', async () => {
    const graph = layered(SMALL);
    const cheap = recomputeCheap(graph, GRADIENT_OF);
    verifyGraph(cheap, shapeRules);
    expect(await run(referenceBackend, cheap)).toEqual(await run(referenceBackend, graph));
    for (const op of ['swiglu', 'rmsNorm'] as const) {
      const places = cheap.nodes.flatMap((node, i) => (node.op === op ? [i] : []));
      expect(places).toHaveLength(2 * SMALL.layers);
      const results = new Set(places.slice(0, SMALL.layers).map((i) => cheap.nodes[i]!.outputs[0]!));
      expect(cheap.nodes.filter(({ scope, inputs }) => scope?.startsWith('backward/') && inputs.some((id) => results.has(id)))).toEqual([]);
      for (const i of places.slice(SMALL.layers)) expect(cheap.nodes[i + 1]!.op).toBe(GRADIENT_OF[op]);
    }
    const peak = (of: Graph) => livePeak(of, () => ({ during: 0, kept: 0 }));
    expect(peak(recomputeCheap(layered(LARGE), GRADIENT_OF))).toBeLessThan(0.9 * peak(layered(LARGE)));
  });

  test('a graph without layers comes back as it is', () => {
    const b = new GraphBuilder('plain');
    b.output('y', b.exp(b.input('x', { dtype: 'f32', shape: [3] })));
    const graph = b.finish();
    expect(recompute(graph)).toBe(graph);
  });
});
