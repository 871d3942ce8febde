import type { OnnxLowering } from './lowering.ts';

export const lowerRandom: OnnxLowering<'random'> = () => {
  throw new Error('random: hash not defined yet');
};
