/**
 * @file What the parts of the GPU benchmark tell: one JSON object a line on standard output. Anything else a part prints is for
 * a person. The parts are processes of their own, so that a fault in one (a lost device context) leaves the others whole.
 */
import { z } from 'zod';

const place = { model: z.string(), batch: z.int(), length: z.int() };

export const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('device'), description: z.string(), node: z.string(), date: z.string() }),
  /** Something that must hold. */
  z.object({ kind: z.literal('check'), section: z.string(), name: z.string(), ok: z.boolean(), detail: z.string() }),
  /** Losses of a training run against PyTorch's, both relative and worst over all steps. */
  z.object({
    kind: z.literal('parity'),
    case: z.string(),
    precision: z.string(),
    steps: z.int(),
    worstLoss: z.number(),
    worstNorm: z.number(),
    /** ||ours - PEFT's|| / ||PEFT's||, worst tensor of the final adapter; null where the fixture keeps none. */
    adapter: z.number().nullable(),
    bitwise: z.boolean(),
    seconds: z.number(),
  }),
  /** A whole training step: micro-step, clipping and update, the batch's way to the device and the loss's way back. */
  z.object({
    kind: z.literal('speed'),
    ...place,
    recompute: z.boolean(),
    dtype: z.string(),
    stepMs: z.number(),
    fastestMs: z.number(),
    slowestMs: z.number(),
    tokensPerSecond: z.number(),
    tflops: z.number(),
    flopsPerToken: z.number(),
    /** What the session held at most, and by how much the device's free memory fell (null without a driver to ask), bytes. */
    peakBytes: z.number(),
    driverBytes: z.number().nullable(),
    memory: z.object({ weights: z.number(), state: z.number(), workspace: z.number(), peak: z.number() }),
    loss: z.array(z.number()),
    gradNorm: z.array(z.number()),
    /** SHA-256 of the adapter after all steps. */
    trained: z.string(),
    loadSeconds: z.number(),
    compileSeconds: z.number(),
    firstStepSeconds: z.number(),
  }),
  z.object({
    kind: z.literal('decode'),
    model: z.string(),
    columns: z.string(),
    tokens: z.int(),
    tokensPerSecond: z.number(),
    gigabytesPerSecond: z.number(),
  }),
  z.object({ kind: z.literal('peer'), peer: z.string(), ...place, stepMs: z.number(), tokensPerSecond: z.number(), peakBytes: z.number() }),
]);
export type BenchRecord = z.infer<typeof recordSchema>;
export type RecordOf<K extends BenchRecord['kind']> = Extract<BenchRecord, { kind: K }>;

export function tell(record: BenchRecord): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

export function tellCheck(section: string, name: string, ok: boolean, detail: string): void {
  tell({ kind: 'check', section, name, ok, detail });
}

/** The record in a line of output, or null where it is text for a person. */
export function readRecord(line: string): BenchRecord | null {
  if (!line.startsWith('{')) return null;
  try {
    return recordSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
