import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../ops/builder.ts';
import { stridedView } from './strided-view.ts';

describe('stridedView', () => {
  test('heads of a projection are strides, not copies', () => {
    const b = new GraphBuilder('view');
    const x = b.input('x', { dtype: 'bf16', shape: [8 * 16, 2 * 64] });
    const heads = b.transpose(b.reshape(x, [8, 16, 2, 64]), [0, 2, 1, 3]);
    const view = stridedView(b.finish(), heads.id, (id) => id === x.id);
    expect(view).toEqual({ base: x.id, offset: 0, shape: [8, 2, 16, 64], steps: [16 * 128, 64, 128, 1] });
  });

  test('axes that no single step runs through can not be joined', () => {
    const b = new GraphBuilder('view');
    const x = b.input('x', { dtype: 'f32', shape: [4, 6] });
    const [swapped, cut] = [b.reshape(b.transpose(x, [1, 0]), [24]), b.reshape(b.slice(x, [1, 2], [2, 3]), [2, 1, 3])];
    const recut = b.reshape(x, [3, 8]);
    const graph = b.finish();
    const inMemory = (id: number) => id === x.id;
    expect(stridedView(graph, swapped.id, inMemory)).toBeNull();
    expect(stridedView(graph, cut.id, inMemory)).toEqual({ base: x.id, offset: 8, shape: [2, 1, 3], steps: [6, 0, 1] });
    expect(stridedView(graph, recut.id, inMemory)?.steps).toEqual([8, 1]);
  });
});
