import { ONNX_TYPE } from '../model-writer.ts';
import type { LoweringContext, LoweringInput, OnnxLowering } from './lowering.ts';

/** Label of a row that has no target (spec section 0). */
const IGNORE = -100;

/** Parts of one chunk of rows. */
interface Chunk {
  /** f32 [rows, 1] each, 0 on ignored rows; the latter two are written when asked for */
  readonly nll: string;
  readonly correct: () => string;
  readonly entropy: () => string;
  /** [rows, H] */
  readonly dX: string;
  /** f32 [V, H], '' without a weight gradient */
  readonly dWeight: string;
}

/**
 * Per chunk P = Softmax(x W^T) in one op, then d nll / d x = P W - W[label], so neither a one-hot matrix nor d logits is ever
 * written: of the decomposition's passes over [rows, V] only softmax and one maximum remain. The log-sum-exp is
 * max(logits) - log(max P), where max P >= 1 / V cannot underflow.
 */
export const lowerLinearCrossEntropy: OnnxLowering<'linearCrossEntropy'> = (context, inputs, { chunkRows, weightGradient }, outputs) => {
  const [x, weight, labels] = inputs as [LoweringInput, LoweringInput, LoweringInput];
  const rows = x.type.shape[0]!;
  const chunks: Chunk[] = [];
  for (let start = 0; start < rows; start += chunkRows) {
    const end = Math.min(start + chunkRows, rows);
    const part = (name: string) => (end - start === rows ? name : sliceRows(context, name, start, end));
    chunks.push(lowerChunk(context, { x: part(x.full()), weight, labels: part(labels.full()), rows: end - start, weightGradient }));
  }
  const axes = context.writer.constant('i64', [0, 1]);
  const join = (names: readonly string[]) => (names.length === 1 ? names[0]! : context.emit('Concat', names, { axis: { int: 0 } }));
  const summed = (names: readonly string[]) => ({ name: context.emit('ReduceSum', [join(names), axes], { keepdims: { int: 0 } }), shape: [] });
  const nllSum = summed(chunks.map((chunk) => chunk.nll));
  const correct = () => summed(chunks.map((chunk) => chunk.correct()));
  const entropy = () => summed(chunks.map((chunk) => chunk.entropy()));
  const dX = { name: context.round(join(chunks.map((chunk) => chunk.dX)), x.type.dtype), shape: x.type.shape };
  if (!weightGradient) return [nllSum, dX, correct, entropy];
  const dWeight = chunks.map((chunk) => chunk.dWeight).reduce((total, name) => context.emit('Add', [total, name]));
  return [nllSum, dX, correct, entropy, { name: dWeight, shape: outputs[4]!.shape }];
};

interface ChunkParts {
  /** [rows, H] */
  readonly x: string;
  readonly weight: LoweringInput;
  /** i32 [rows] */
  readonly labels: string;
  readonly rows: number;
  readonly weightGradient: boolean;
}

function lowerChunk(context: LoweringContext, parts: ChunkParts): Chunk {
  const { emit, emitMicrosoft, reshape, writer } = context;
  const { x, weight, labels, rows } = parts;
  const dtype = weight.type.dtype;
  const rowMax = (name: string) => emit('ReduceMax', [name, writer.constant('i64', [1])], { keepdims: { int: 1 } });
  const logits = context.round(emitMicrosoft('FusedMatMul', [x, weight.full()], { transB: { int: 1 } }), dtype);
  const probabilities = emit('Softmax', [logits], { axis: { int: -1 } });
  const largest = rowMax(logits);
  const lse = emit('Sub', [largest, emit('Log', [rowMax(probabilities)])]);
  const ignored = emit('Equal', [labels, writer.constant('i32', [IGNORE], [])]);
  const column = reshape(emit('Cast', [emit('Not', [ignored])], { to: { int: ONNX_TYPE.f32 } }), [rows, 1]);
  const index = emit('Max', [labels, writer.constant('i32', [0], [])]);
  const target = emit('GatherElements', [logits, reshape(index, [rows, 1])], { axis: { int: 1 } });
  const nll = emit('Mul', [emit('Sub', [lse, target]), column]);
  const chosen = () => emit('Cast', [emit('ArgMax', [logits], { axis: { int: 1 }, keepdims: { int: 1 } })], { to: { int: ONNX_TYPE.i32 } });
  const correct = () => emit('Mul', [emit('Cast', [emit('Equal', [chosen(), reshape(index, [rows, 1])])], { to: { int: ONNX_TYPE.f32 } }), column]);
  const entropyBy = (meanLogit: string) => emit('Mul', [emit('Sub', [lse, meanLogit]), column]);
  const chunk = { ...parts, nll, correct, entropyBy, logits, probabilities, labels, index, column };
  return dtype === 'f32' ? exactGradients(context, chunk) : roundedGradients(context, chunk);
}

interface ChunkGradients extends ChunkParts {
  readonly nll: string;
  readonly correct: () => string;
  /** From the mean of the logits under their probabilities, f32 [rows, 1]. */
  readonly entropyBy: (meanLogit: string) => string;
  /** f32 [rows, V] */
  readonly logits: string;
  /** f32 [rows, V] */
  readonly probabilities: string;
  /** i32 [rows], labels with 0 for ignored rows. */
  readonly index: string;
  /** f32 [rows, 1], 0 for ignored rows. */
  readonly column: string;
}

function exactGradients(
  context: LoweringContext,
  { nll, correct, entropyBy, probabilities, x, weight, index, column, rows, weightGradient }: ChunkGradients,
): Chunk {
  const { emit, emitMicrosoft, reshape, writer } = context;
  const labelRows = emit('Gather', [weight.full(), index], { axis: { int: 0 } });
  const meanRow = emit('MatMul', [probabilities, weight.full()]);
  const dX = emit('Mul', [emit('Sub', [meanRow, labelRows]), column]);
  // Sum of p (x W^T) is x (P W)^T, which is there already: no further pass over [rows, V].
  const entropy = () => entropyBy(rowSum(context, emit('Mul', [x, meanRow])));
  if (!weightGradient) return { nll, correct, entropy, dX, dWeight: '' };
  const used = emit('Mul', [x, column]);
  const spread = emitMicrosoft('FusedMatMul', [probabilities, used], { transA: { int: 1 } });
  const everywhere = emit('Expand', [reshape(index, [rows, 1]), writer.constant('i64', [rows, weight.type.shape[1]!])]);
  const dWeight = emit('ScatterElements', [spread, everywhere, emit('Neg', [used])], { axis: { int: 0 }, reduction: { string: 'add' } });
  return { nll, correct, entropy, dX, dWeight };
}

/** In 16 bits d logits is rounded before the products, so it has to be written out. */
function roundedGradients(
  context: LoweringContext,
  { nll, correct, entropyBy, logits, probabilities, x, weight, labels, column, rows, weightGradient }: ChunkGradients,
): Chunk {
  const { emit, emitMicrosoft, reshape, round, writer } = context;
  const scalar = (value: number) => writer.constant('i32', [value], []);
  const ids = emit('Range', [scalar(0), scalar(weight.type.shape[0]!), scalar(1)]);
  const oneHot = emit('Cast', [emit('Equal', [ids, reshape(labels, [rows, 1])])], { to: { int: ONNX_TYPE.f32 } });
  const dLogits = round(emit('Sub', [emit('Mul', [probabilities, column]), oneHot]), weight.type.dtype);
  const dX = emit('MatMul', [dLogits, weight.full()]);
  const entropy = () => entropyBy(rowSum(context, emit('Mul', [probabilities, logits])));
  return { nll, correct, entropy, dX, dWeight: weightGradient ? emitMicrosoft('FusedMatMul', [dLogits, x], { transA: { int: 1 } }) : '' };
}

function rowSum({ emit, writer }: LoweringContext, name: string): string {
  return emit('ReduceSum', [name, writer.constant('i64', [1])], { keepdims: { int: 1 } });
}

function sliceRows({ emit, writer }: LoweringContext, name: string, start: number, end: number): string {
  const constant = (value: number) => writer.constant('i64', [value]);
  return emit('Slice', [name, constant(start), constant(end), constant(0)]);
}
