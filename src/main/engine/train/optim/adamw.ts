import { byStretch, parallelSlot, type Optimizer } from './optimizer.ts';

export interface AdamwSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

const [M, V] = ['adam.m', 'adam.v'];

/** torch.optim.AdamW (spec 5.2), as one fused op. */
export function adamw({ weightDecay, ...settings }: AdamwSettings): Optimizer {
  return {
    slots: [parallelSlot(M), parallelSlot(V, true)],
    scalars: (step, rate) => ({ learningRate: rate, biasCorrection1: 1 - settings.beta1 ** step, biasCorrection2: 1 - settings.beta2 ** step }),
    update: (b, { p, g, factor, slots, scalars, stretches }) => {
      const shared = [factor, scalars['learningRate']!, scalars['biasCorrection1']!, scalars['biasCorrection2']!];
      const [next, m, v] = byStretch(b, stretches, [p, g, slots[M]!, slots[V]!], (parts, { decayed }) =>
        b.append('adamw', [...parts, ...shared], { ...settings, weightDecay: decayed ? weightDecay : 0 }),
      );
      return { p: next!, slots: { [M]: m!, [V]: v! } };
    },
  };
}
