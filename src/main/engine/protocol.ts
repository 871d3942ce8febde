/**
 * @file What the engine process is told and what it tells: plain, versioned unions. Both sides parse what arrives, since either
 * may be of another build or half dead. Commands go in, events come out. A process that is told to `start` does that one job and ends;
 * one that is told to `ask` is resident: it serves asks, each with a number, until it is let go (docs/adr/0013).
 */
import { z } from 'zod';
import { metricPointSchema } from '../../shared/domain/metrics.ts';
import { outcomeSchema } from '../../shared/domain/outcome.ts';
import { modelStateSchema } from '../../shared/domain/model-state.ts';
import { recipeSchema } from '../../shared/domain/recipe/recipe.ts';
import { messageSchema } from '../../shared/domain/dataset.ts';
import { findingSchema } from '../../shared/domain/finding.ts';
import { datasetCountsSchema, lengthLevelsSchema } from '../../shared/domain/inspection.ts';
import { deviceChoiceSchema, deviceReportSchema } from '../../shared/domain/device.ts';

export { deviceChoiceSchema, type DeviceChoice, type DeviceReport } from '../../shared/domain/device.ts';

export const PROTOCOL_VERSION = 4;

const place = {
  device: deviceChoiceSchema,
  /** CPU threads; null lets the backend use the physical cores. */
  threads: z.int().min(1).max(1024).nullable(),
  /** Folder for derived files that may be deleted: encoded datasets, compiled kernels. */
  cacheDir: z.string(),
};

const trainJobSchema = z.object({
  kind: z.literal('train'),
  ...place,
  recipe: recipeSchema,
  /** Canonical rows (JSONL of `CanonicalRow`) and their content hash. */
  rows: z.object({ file: z.string(), contentHash: z.string() }),
  /** Rows of an evaluation file, where the recipe names one. */
  evaluation: z.object({ file: z.string(), contentHash: z.string() }).optional(),
  /** Run folder: checkpoints and what the run yields go here. */
  outDir: z.string(),
  /** Checkpoint folder to go on from; null starts anew. */
  resumeFrom: z.string().nullable(),
  /** Only measures: so many steps of the run and one micro-batch of its largest shape, in the run's own programs; nothing is saved. */
  measure: z.object({ steps: z.int().min(1) }).optional(),
});
export type TrainJob = z.infer<typeof trainJobSchema>;

const previewJobSchema = z.object({
  kind: z.literal('preview'),
  ...place,
  recipe: recipeSchema,
  rows: z.object({ file: z.string(), contentHash: z.string() }),
  /** 0-based index of the first row shown, and how many. */
  first: z.int().min(0),
  count: z.int().min(1).max(1000),
});
export type PreviewJob = z.infer<typeof previewJobSchema>;

const generateJobSchema = z.object({
  kind: z.literal('generate'),
  ...place,
  model: z.string(),
  precision: z.enum(['auto', 'f32', 'bf16']),
  /** One column each, in this order; null is the base model. */
  columns: z
    .array(z.object({ name: z.string(), adapter: z.string().nullable() }))
    .min(1)
    .max(16),
  prompts: z
    .array(
      z.union([
        z.object({ kind: z.literal('text'), text: z.string() }),
        /** A user's turn where the model has a chat template, plain text where it has none. */
        z.object({ kind: z.literal('question'), text: z.string() }),
        z.object({ kind: z.literal('messages'), messages: z.array(messageSchema).min(1) }),
        /** A conversation for each column, since each goes on from its own answers. */
        z.object({ kind: z.literal('chats'), chats: z.array(z.array(messageSchema).min(1)).min(1).max(16) }),
      ]),
    )
    .min(1),
  chatTemplate: z.string().nullable(),
  /** Tokens at which an answer ends besides the model's own: what runs were trained to end with. */
  stopTokens: z.array(z.string()).optional(),
  maxNewTokens: z.int().min(1).max(1_048_576),
  sampling: z.object({
    doSample: z.boolean(),
    temperature: z.number().positive(),
    topK: z.int().min(0),
    topP: z.number().gt(0).max(1),
    minP: z.number().min(0).lt(1),
    repetitionPenalty: z.number().positive(),
  }),
  seed: z.int().min(0).max(0xffff_ffff),
});
export type GenerateJob = z.infer<typeof generateJobSchema>;

const devicesJobSchema = z.object({ kind: z.literal('devices'), ...place });
export type DevicesJob = z.infer<typeof devicesJobSchema>;

const exportJobSchema = z.object({
  kind: z.literal('export'),
  /** The model that an adapter is for; a model of its own is checked by itself. */
  model: z.string(),
  /** What a run saved (a checkpoint's folder has it too), and the folder that it goes to. */
  source: outcomeSchema,
  outDir: z.string(),
});
export type ExportJob = z.infer<typeof exportJobSchema>;

/** Model folders to be looked into, one `facts` event each and in this order; no weights are read. */
const factsJobSchema = z.object({ kind: z.literal('facts'), folders: z.array(z.string()).min(1).max(10_000) });
export type FactsJob = z.infer<typeof factsJobSchema>;

/** Looks which checkpoint of a run's folder is as it was written; one `checkpoints` event. */
const checkpointsJobSchema = z.object({ kind: z.literal('checkpoints'), recipe: recipeSchema, outDir: z.string() });
export type CheckpointsJob = z.infer<typeof checkpointsJobSchema>;

const foundCheckpoint = { path: z.string(), step: z.int() };
const checkpointSurveySchema = z.object({
  /** Newest first, as far as the first that is good. `unsealed`: of an older version, checked as far as it can be. */
  checkpoints: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('sealed'), ...foundCheckpoint }),
      z.object({ kind: z.literal('unsealed'), ...foundCheckpoint }),
      z.object({ kind: z.literal('bad'), ...foundCheckpoint, problem: z.string() }),
    ]),
  ),
  /** Names like those of checkpoints that are none. */
  strays: z.array(z.string()),
});
export type CheckpointSurvey = z.infer<typeof checkpointSurveySchema>;

/** Encodes every row and keeps none: what the dataset comes to. */
const countJobSchema = z.object({ ...previewJobSchema.omit({ first: true, count: true }).shape, kind: z.literal('count') });
export type CountJob = z.infer<typeof countJobSchema>;

export const jobSchema = z.discriminatedUnion('kind', [
  trainJobSchema,
  previewJobSchema,
  generateJobSchema,
  devicesJobSchema,
  exportJobSchema,
  factsJobSchema,
  countJobSchema,
  checkpointsJobSchema,
]);
export type Job = z.infer<typeof jobSchema>;

/** Loads what `generate` with the same model and columns needs, and compiles for prompts and answers up to this long. */
const warmJobSchema = z.object({
  kind: z.literal('warm'),
  ...generateJobSchema.pick({ device: true, threads: true, cacheDir: true, model: true, precision: true, columns: true }).shape,
  promptTokens: z.int().min(1).max(1_048_576),
  maxNewTokens: z.int().min(1).max(1_048_576),
});
export type WarmJob = z.infer<typeof warmJobSchema>;

/** What a resident engine serves: jobs that save nothing, so that each may be broken off at any moment. */
const residentJobSchema = z.discriminatedUnion('kind', [previewJobSchema, countJobSchema, generateJobSchema, warmJobSchema]);
export type ResidentJob = z.infer<typeof residentJobSchema>;

export const commandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), version: z.literal(PROTOCOL_VERSION), job: jobSchema }),
  /** Training: finish the step, write a checkpoint, end with `stopped`. Anything else: end as soon as possible. */
  z.object({ kind: z.literal('stop') }),
  /** Serves the job among others; its events come as `reply` with this number. */
  z.object({ kind: z.literal('ask'), version: z.literal(PROTOCOL_VERSION), ask: z.int().min(0), job: residentJobSchema }),
  /** Breaks one ask off: it ends with `stopped`, and the process lives on. */
  z.object({ kind: z.literal('cancel'), ask: z.int().min(0) }),
]);
export type Command = z.infer<typeof commandSchema>;

const appErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  remedy: z.string().optional(),
});

const memorySchema = z.object({ weights: z.number(), state: z.number(), workspace: z.number(), peak: z.number() });

/** `special`: one of the tokenizer's own marks, such as the end of a turn. */
const previewTokenSchema = z.object({ id: z.int(), text: z.string(), label: z.int(), trained: z.boolean(), special: z.boolean() });
/** Tokens listed of those that are cut off. */
export const MAX_CUT_TOKENS = 4096;
const previewRowSchema = z.object({
  row: z.int(),
  source: z.int(),
  rendered: z.string(),
  tokens: z.array(previewTokenSchema),
  trainedText: z.string(),
  maskedText: z.string(),
  cut: z.array(z.object({ id: z.int(), text: z.string() })).max(MAX_CUT_TOKENS),
  truncatedTokens: z.int(),
});
export type PreviewRow = z.infer<typeof previewRowSchema>;

export const engineEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), version: z.literal(PROTOCOL_VERSION) }),
  z.object({ kind: z.literal('log'), level: z.enum(['info', 'warning']), message: z.string() }),
  /** Long work before the first step, and evaluations between steps. */
  z.object({
    kind: z.literal('progress'),
    phase: z.enum(['reading', 'encoding', 'loading', 'compiling', 'evaluating']),
    done: z.number(),
    total: z.number(),
  }),
  z.object({
    kind: z.literal('dataset'),
    rows: z.int(),
    setAside: z.int().default(0),
    dropped: z.int(),
    truncated: z.int(),
    tokens: z.int(),
    targets: z.int(),
    longest: z.int(),
    /** What the rows were packed into; null where they are not. */
    packs: z.int().nullable().default(null),
    findings: z.array(findingSchema).default([]),
    /** Rows that are evaluated: of the rows above, unless they come from a file of their own. */
    evaluated: z.object({ rows: z.int(), heldOut: z.boolean() }).optional(),
  }),
  z.object({
    kind: z.literal('started'),
    device: z.string(),
    precision: z.enum(['f32', 'bf16']),
    totalSteps: z.int(),
    firstStep: z.int(),
    epochs: z.number(),
    trainableParameters: z.int(),
    totalParameters: z.int(),
  }),
  /** What was measured, step by step; a step of which nothing is logged tells that it was done. Coalesced: at most 20 batches a second. */
  z.object({ kind: z.literal('metrics'), steps: z.array(metricPointSchema) }),
  z.object({ kind: z.literal('checkpoint'), step: z.int(), path: z.string() }),
  z.object({ kind: z.literal('checkpoints'), survey: checkpointSurveySchema }),
  z.object({ kind: z.literal('memory'), memory: memorySchema }),
  z.object({ kind: z.literal('preview'), row: previewRowSchema }),
  /** Instead of `preview`: training would leave this row out. `reason`: why the chat template refuses it, where it does. */
  z.object({ kind: z.literal('dropped'), row: z.int(), source: z.int(), length: z.int(), reason: z.string().nullable() }),
  /** What was found in the rows that were shown. */
  z.object({ kind: z.literal('findings'), findings: z.array(findingSchema) }),
  z.object({ kind: z.literal('facts'), folder: z.string(), state: modelStateSchema }),
  z.object({ kind: z.literal('counts'), counts: datasetCountsSchema }),
  /** Rows by length: so many have at most `length` tokens, of which at most `targets` are learned. */
  z.object({ kind: z.literal('lengths'), levels: lengthLevelsSchema }),
  z.object({
    kind: z.literal('text'),
    prompt: z.int(),
    column: z.int(),
    text: z.string(),
    tokens: z.int(),
    finished: z.enum(['stop', 'length']).nullable(),
  }),
  z.object({ kind: z.literal('device'), report: deviceReportSchema }),
  /** The end of training: what it yields. */
  z.object({
    kind: z.literal('finished'),
    result: z.object({ outcome: outcomeSchema, steps: z.int(), trainLoss: z.number().nullable(), seconds: z.number() }),
  }),
  /** The end of any other job; what it was for has been told before. */
  z.object({ kind: z.literal('done'), seconds: z.number() }),
  z.object({ kind: z.literal('stopped'), step: z.int(), checkpoint: z.string().nullable() }),
  z.object({ kind: z.literal('failed'), error: appErrorSchema }),
]);
export type EngineEvent = z.infer<typeof engineEventSchema>;

/** An event of one ask of a resident engine. */
export const engineReplySchema = z.object({ kind: z.literal('reply'), ask: z.int().min(0), event: engineEventSchema });
export type EngineReply = z.infer<typeof engineReplySchema>;

/** Whatever a resident engine says. */
export const residentMessageSchema = z.union([engineReplySchema, engineEventSchema]);
