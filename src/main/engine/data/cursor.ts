/**
 * Which rows every micro-batch of a run consists of, and where the run stands. A pure function of the settings and a
 * position of two integers, so a resumed run sees exactly the rows that an uninterrupted one would have seen.
 */
import { epochSeed, randperm } from './shuffle.ts';

export interface DataOrder {
  /** Rows of the encoded dataset. */
  readonly rows: number;
  readonly perDeviceTrainBatchSize: number;
  readonly gradientAccumulationSteps: number;
  readonly seed: number;
  readonly dataSeed?: number | undefined;
  /** False keeps the order of the file (evaluation). Default true. */
  readonly shuffle?: boolean | undefined;
}

/** The micro-batch that comes next. JSON-serialisable; part of every checkpoint. */
export interface CursorPosition {
  readonly epoch: number;
  readonly microBatch: number;
}

/** The rows of one optimizer step. */
export interface StepWindow {
  readonly epoch: number;
  /** Row numbers of each micro-batch. The last micro-batch of an epoch, and its last window, may be short. */
  readonly microBatches: readonly Uint32Array[];
  /** Where the run stands once this step is done. */
  readonly next: CursorPosition;
}

export interface StepPlan {
  readonly microBatchesPerEpoch: number;
  readonly stepsPerEpoch: number;
  /** Optimizer steps of the whole run. */
  readonly totalSteps: number;
  /** Epochs begun, the last one perhaps not finished. */
  readonly epochs: number;
}

/** Counts of spec section 5.1. `maxSteps` > 0 overrules `epochs`, which may be fractional. */
export function planSteps(order: DataOrder, length: { readonly epochs: number; readonly maxSteps?: number | undefined }): StepPlan {
  const microBatchesPerEpoch = Math.ceil(order.rows / order.perDeviceTrainBatchSize);
  const stepsPerEpoch = Math.max(1, Math.ceil(microBatchesPerEpoch / order.gradientAccumulationSteps));
  const limited = length.maxSteps !== undefined && length.maxSteps > 0;
  const totalSteps = limited ? (length.maxSteps as number) : Math.ceil(length.epochs * stepsPerEpoch);
  return { microBatchesPerEpoch, stepsPerEpoch, totalSteps, epochs: Math.ceil(totalSteps / stepsPerEpoch) };
}

export class DataCursor {
  private readonly order: DataOrder;
  private at: CursorPosition;
  private permutation: { readonly epoch: number; readonly rows: Uint32Array } | undefined;

  /** @throws RangeError if a count is not a positive integer or `position` lies outside an epoch. */
  constructor(order: DataOrder, position: CursorPosition = { epoch: 0, microBatch: 0 }) {
    for (const name of ['rows', 'perDeviceTrainBatchSize', 'gradientAccumulationSteps'] as const) {
      if (!Number.isInteger(order[name]) || order[name] < 1) throw new RangeError(`[cursor] ${name} must be a positive integer, got ${order[name]}`);
    }
    this.order = order;
    const valid = Number.isInteger(position.epoch) && position.epoch >= 0 && Number.isInteger(position.microBatch) && position.microBatch >= 0;
    if (!valid || position.microBatch >= this.microBatchesPerEpoch) {
      throw new RangeError(`[cursor] position ${JSON.stringify(position)} lies outside epochs of ${this.microBatchesPerEpoch} micro-batches`);
    }
    this.at = position;
  }

  get microBatchesPerEpoch(): number {
    return Math.ceil(this.order.rows / this.order.perDeviceTrainBatchSize);
  }

  /** The micro-batch that `next` will begin with. */
  get position(): CursorPosition {
    return this.at;
  }

  /** Takes the next optimizer step's micro-batches; windows never cross an epoch's end. Runs on for ever. */
  next(): StepWindow {
    const { epoch, microBatch } = this.at;
    const end = Math.min(microBatch + this.order.gradientAccumulationSteps, this.microBatchesPerEpoch);
    const microBatches: Uint32Array[] = [];
    for (let i = microBatch; i < end; i++) microBatches.push(this.rowsOf({ epoch, microBatch: i }));
    this.at = end === this.microBatchesPerEpoch ? { epoch: epoch + 1, microBatch: 0 } : { epoch, microBatch: end };
    return { epoch, microBatches, next: this.at };
  }

  /** Row numbers of any micro-batch, without moving. */
  rowsOf(position: CursorPosition): Uint32Array {
    const size = this.order.perDeviceTrainBatchSize;
    return this.rowsOfEpoch(position.epoch).slice(position.microBatch * size, (position.microBatch + 1) * size);
  }

  private rowsOfEpoch(epoch: number): Uint32Array {
    if (this.permutation?.epoch === epoch) return this.permutation.rows;
    const { rows, seed, dataSeed, shuffle } = this.order;
    const order = shuffle === false ? Uint32Array.from({ length: rows }, (_, i) => i) : randperm(rows, epochSeed(seed, dataSeed, epoch));
    this.permutation = { epoch, rows: order };
    return order;
  }
}
