import { describe, expect, it } from 'vitest';
import { adapterFromFlat, flatFromAdapter, loraLayout, type LoraModule } from './adapter-state.ts';
import { FLAT_ALIGNMENT, flatView, packFlatLayout } from './flat-layout.ts';

describe('packFlatLayout', () => {
  it('packs in order and pads the end', () => {
    const layout = packFlatLayout([{ name: 'a', shape: [3, 5] }, { name: 'b', shape: [7] }]);
    expect(layout).toEqual({
      size: FLAT_ALIGNMENT,
      entries: [{ name: 'a', shape: [3, 5], offset: 0 }, { name: 'b', shape: [7], offset: 15 }],
    });
    expect(packFlatLayout([{ name: 'a', shape: [FLAT_ALIGNMENT] }]).size).toBe(FLAT_ALIGNMENT);
    expect(packFlatLayout([{ name: 'a', shape: [FLAT_ALIGNMENT + 1] }]).size).toBe(2 * FLAT_ALIGNMENT);
    expect(packFlatLayout([])).toEqual({ size: 0, entries: [] });
  });

  it('gives views, not copies', () => {
    const layout = packFlatLayout([{ name: 'a', shape: [2] }, { name: 'b', shape: [1, 3] }]);
    const flat = new Float32Array(layout.size);
    flatView(layout.entries[1]!, flat).fill(9);
    expect([...flat.subarray(0, 6)]).toEqual([0, 0, 9, 9, 9, 0]);
  });

  it('refuses the same name twice', () => {
    expect(() => packFlatLayout([{ name: 'a', shape: [1] }, { name: 'a', shape: [1] }])).toThrow(/twice/);
  });
});

describe('adapter state', () => {
  const modules: readonly LoraModule[] = [
    { path: 'x.q_proj', in: 5, out: 3, rank: 2, alpha: 4 },
    { path: 'x.v_proj', in: 4, out: 7, rank: 3, alpha: 6 },
  ];
  const config = {
    r: 2, loraAlpha: 4, loraDropout: 0, useRslora: false, targetModules: ['q_proj', 'v_proj'], rankPattern: {}, alphaPattern: {},
    baseModelNameOrPath: null,
  };

  it('goes to an adapter and back unchanged', () => {
    const flat = new Float32Array(loraLayout(modules).size);
    flat.set(Float32Array.from({ length: 49 }, (_, i) => i + 1));
    const adapter = adapterFromFlat(modules, config, flat);
    expect(adapter.tensors.get('x.q_proj')).toEqual({ a: flat.slice(0, 10), b: flat.slice(10, 16), rank: 2, alpha: 4 });
    expect(flatFromAdapter(modules, adapter)).toEqual(flat);
  });

  it('refuses an adapter of other ranks', () => {
    const adapter = adapterFromFlat(modules, config, new Float32Array(loraLayout(modules).size));
    expect(() => flatFromAdapter([{ ...modules[0]!, rank: 1 }], adapter)).toThrow(/no rank 1 pair for x\.q_proj/);
  });
});
