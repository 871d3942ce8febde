import { byStretch, parallelSlot, type Optimizer } from './optimizer.ts';

export interface SgdSettings {
  /** 0 keeps nothing from step to step. */
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

const MOMENTUM = 'sgd.momentum';

/** torch.optim.SGD without dampening; weight decay is part of the gradient. */
export function sgd({ momentum, nesterov, weightDecay }: SgdSettings): Optimizer {
  return {
    slots: momentum === 0 ? [] : [parallelSlot(MOMENTUM)],
    scalars: (_step, rate) => ({ learningRate: rate }),
    update: (b, { p: vector, g: gradients, factor, slots, scalars, stretches }) => {
      const rate = scalars['learningRate']!;
      const [next, buffer] = byStretch(b, stretches, [vector, gradients, ...Object.values(slots)], ([p, g, before], { decayed }) => {
        const clipped = b.mul(g!, factor);
        const gradient = decayed && weightDecay > 0 ? b.add(clipped, b.mul(p!, weightDecay)) : clipped;
        if (!before) return [b.sub(p!, b.mul(gradient, rate))];
        const after = b.add(b.mul(before, momentum), gradient);
        return [b.sub(p!, b.mul(nesterov ? b.add(gradient, b.mul(after, momentum)) : after, rate)), after];
      });
      return { p: next!, slots: buffer ? { [MOMENTUM]: buffer } : {} };
    },
  };
}
