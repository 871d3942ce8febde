import { expect, it } from 'vitest';
import { NO_RESTRICTION } from '../adapters/module-selection.ts';
import { adapterFromFlat, flatFromAdapter } from './adapter-state.ts';
import { flatLayout } from './flat-layout.ts';
import type { LoraTarget } from './trainable.ts';

const TARGETS: readonly LoraTarget[] = [
  { linear: { path: 'x.q_proj', in: 5, out: 3, bias: false }, rank: 2, alpha: 4, scale: 2 },
  { linear: { path: 'x.v_proj', in: 4, out: 7, bias: true }, rank: 3, alpha: 6, scale: 2 },
];
const LAYOUT = flatLayout([
  ['x.q_proj.lora_A.weight', [2, 5]],
  ['x.q_proj.lora_B.weight', [3, 2]],
  ['x.v_proj.lora_A.weight', [3, 4]],
  ['x.v_proj.lora_B.weight', [7, 3]],
]);
const CONFIG = {
  r: 2,
  loraAlpha: 4,
  loraDropout: 0,
  useRslora: false,
  targetModules: ['q_proj', 'v_proj'],
  ...NO_RESTRICTION,
  rankPattern: {},
  alphaPattern: {},
  baseModelNameOrPath: null,
};

it('goes from the trainable vector to an adapter and back unchanged', () => {
  const flat = new Float32Array(LAYOUT.size);
  flat.set(Float32Array.from({ length: 49 }, (_, i) => i + 1));
  const adapter = adapterFromFlat(LAYOUT, flat, TARGETS, CONFIG);
  expect(adapter.tensors.get('x.q_proj')).toEqual({ a: flat.slice(0, 10), b: flat.slice(10, 16), rank: 2, alpha: 4 });
  expect(flatFromAdapter(LAYOUT, TARGETS, adapter)).toEqual(flat);
});

it('refuses an adapter of other ranks', () => {
  const adapter = adapterFromFlat(LAYOUT, new Float32Array(LAYOUT.size), TARGETS, CONFIG);
  expect(() => flatFromAdapter(LAYOUT, [{ ...TARGETS[0]!, rank: 1 }], adapter)).toThrow(/no rank 1 pair for x\.q_proj/);
});
