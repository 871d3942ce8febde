/** @file The counter-based uniform numbers that `ops/core/counter-random.ts` defines, bit for bit, on u32 tensors. */
import { elementCount } from '../../../ir/shape.ts';
import { ONNX_TYPE } from '../model-writer.ts';
import type { LoweringContext, OnnxLowering } from './lowering.ts';

const MIX_ROUNDS = [
  [15, 0x2c1b3c6d],
  [12, 0x297a2d39],
] as const;

/** There is no u32 product; factors are below 2^31, so the product fits an i64 and the cast back keeps its low half. */
class Hash {
  readonly #context: LoweringContext;

  constructor(context: LoweringContext) {
    this.#context = context;
  }

  xor(a: string, b: string): string {
    return this.#context.emit('BitwiseXor', [a, b]);
  }

  shifted(x: string, bits: number): string {
    return this.#context.emit('BitShift', [x, this.constant(bits)], { direction: { string: 'RIGHT' } });
  }

  mix(x: string): string {
    const mixed = MIX_ROUNDS.reduce((h, [bits, factor]) => {
      const wide = this.cast(this.xor(h, this.shifted(h, bits)), 'i64');
      return this.cast(this.#context.emit('Mul', [wide, this.#context.writer.constant('i64', [factor], [])]), 'u32');
    }, x);
    return this.xor(mixed, this.shifted(mixed, 15));
  }

  constant(value: number): string {
    return this.#context.writer.constant('u32', [value], []);
  }

  cast(x: string, type: keyof typeof ONNX_TYPE): string {
    return this.#context.emit('Cast', [x], { to: { int: ONNX_TYPE[type] } });
  }
}

export const lowerRandom: OnnxLowering<'random'> = (context, [seedAndStep], { shape, stream }) => {
  const { writer, emit } = context;
  const hash = new Hash(context);
  const words = hash.cast(seedAndStep!.full(), 'u32');
  const word = (index: number) => emit('Gather', [words, writer.constant('i64', [index], [])], { axis: { int: 0 } });
  const seedKey = hash.mix(hash.xor(word(0), hash.constant(0x9e3779b9)));
  const key = hash.mix(hash.xor(hash.mix(hash.xor(seedKey, word(1))), hash.constant(stream >>> 0)));
  const scalar = (value: number) => writer.constant('i32', [value], []);
  const index = hash.cast(emit('Range', [scalar(0), scalar(elementCount(shape)), scalar(1)]), 'u32');
  const bits = hash.shifted(hash.mix(hash.xor(hash.mix(index), key)), 8);
  const uniform = emit('Mul', [hash.cast(bits, 'f32'), writer.constant('f32', [2 ** -24], [])]);
  return [{ name: context.reshape(uniform, shape), shape }];
};
