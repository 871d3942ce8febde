import type { GraphBuilder } from '../ops/builder.ts';
import { type Deltas, NO_DELTAS } from './deltas.ts';
import type { Parameters } from './parameters.ts';
import { frozenWeights, type WeightSource } from './weight-sources.ts';

/** A base and what stands beside it, as a model asks for it: any base with any deltas. */
export function composeParameters(b: GraphBuilder, dtype: 'f32' | 'bf16', base: WeightSource, deltas: Deltas = NO_DELTAS): Parameters {
  return {
    dtype,
    weight: base,
    linear(x, spec) {
      const weight = base(`${spec.path}.weight`, [spec.out, spec.in]);
      const bias = spec.bias ? base(`${spec.path}.bias`, [spec.out]) : null;
      const delta = deltas.linear(spec.path);
      return delta ? delta(x, { spec, weight, bias }) : b.linear(x, weight, { bias }).y;
    },
    embedding(ids, { path, vocab, width }) {
      const table = () => base(`${path}.weight`, [vocab, width]);
      const delta = deltas.embedding(path);
      return delta ? delta(ids, table) : b.gather(table(), ids);
    },
    head({ path, vocab, width }, tied) {
      return deltas.head(path) ?? base(`${tied === null ? path : tied.path}.weight`, [vocab, width]);
    },
  };
}

/** The model as its checkpoint has it. */
export function frozenParameters(b: GraphBuilder, dtype: 'f32' | 'bf16'): Parameters {
  return composeParameters(b, dtype, frozenWeights(b, dtype));
}
