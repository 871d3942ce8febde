import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import type { GraphBuilder } from '../ops/builder.ts';
import type { LinearSpec, Parameters } from './parameters.ts';

/** Every weight is a state of the checkpoint's own name: the base model as it is. */
export class FrozenParameters implements Parameters {
  readonly dtype: 'f32' | 'bf16';
  protected readonly b: GraphBuilder;

  constructor(b: GraphBuilder, dtype: 'f32' | 'bf16') {
    this.b = b;
    this.dtype = dtype;
  }

  weight(name: string, shape: Shape): Value {
    return this.b.state(name, { dtype: this.dtype, shape });
  }

  linear(x: Value, spec: LinearSpec): Value {
    return this.b.linear(x, this.linearWeight(spec), { bias: this.linearBias(spec) }).y;
  }

  protected linearWeight(spec: LinearSpec): Value {
    return this.weight(`${spec.path}.weight`, [spec.out, spec.in]);
  }

  protected linearBias(spec: LinearSpec): Value | null {
    return spec.bias ? this.weight(`${spec.path}.bias`, [spec.out]) : null;
  }
}
