/** @file From canonical rows to padded micro-batches: encoding (cached on disk), order, buckets. */
import { join } from 'node:path';
import type { Recipe } from '../../../shared/domain/recipe/recipe.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { fillBatch, type Batch, type Bucket, type FilledBatch } from '../data/batch.ts';
import { joinSequences, packExamples, rowExamples, type Examples } from '../data/examples.ts';
import { cacheKey, hasCache, openOrBuildCache, type EncodedDataset } from '../data/encoded-cache.ts';
import type { EncodedRows } from '../data/split.ts';
import { DataCursor, planSteps, type CursorPosition, type DataOrder, type StepPlan, type StepWindow } from '../data/cursor.ts';
import type { JobContext } from '../job-context.ts';
import type { PreviewJob, TrainJob } from '../protocol.ts';
import { givenTemplate, templateText } from '../text/chat-template/given-template.ts';
import { createRowEncoder, type EncodedRow, type EncodeSettings, type RowEncoder } from '../text/encode.ts';
import type { Model } from '../models/model.ts';
import { refuseBeyondLimit } from '../models/position-limit.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { tokenizerFingerprint } from '../text/tokenizer/fingerprint.ts';
import { bucketFor, planBuckets, type MicroBatchSize } from './buckets.ts';
import { LENGTH_STEP } from './shapes.ts';

/** The encoder that a recipe asks for. */
export async function recipeEncoder(
  recipe: Recipe,
  tokenizer: Tokenizer,
  model: Model,
  watch: Partial<Pick<EncodeSettings, 'onRow' | 'firstPosition' | 'loss'>> = {},
): Promise<RowEncoder> {
  return createRowEncoder(tokenizer, { ...encodeSettings(recipe, tokenizer, model), ...watch });
}

function encodeSettings(recipe: Recipe, tokenizer: Tokenizer, model: Model): EncodeSettings {
  const { chat_template: source, eos_token: eosToken } = recipe;
  return {
    loss: recipe.loss,
    ...lengthSettings(recipe),
    embeddingRows: model.sizes.vocabSize,
    positions: model.sizes.context,
    ...(source === null ? {} : { chatTemplate: givenTemplate(source, tokenizer.namedTokens) }),
    ...(eosToken === null ? {} : { eosToken }),
  };
}

/** bfd cuts rows to the length of a pack; the other strategies make parts of them. */
function lengthSettings({ max_length: length, packing, packing_strategy: strategy }: Recipe): Pick<EncodeSettings, 'maxLength' | 'packing'> {
  return packing ? { maxLength: strategy === 'bfd' ? length : null, packing: { strategy, length } } : { maxLength: length };
}

/**
 * Encodes the dataset, or opens what an earlier run encoded; tells the host what was found.
 * @param earlierKey cache that the run used before: a template that prints the date gives other rows another day
 */
export async function openTrainingData(
  job: TrainJob | PreviewJob,
  tokenizer: Tokenizer,
  model: Model,
  context: JobContext,
  autoLoss: 'turns' | 'all' = 'turns',
  earlierKey: string | null = null,
): Promise<EncodedDataset> {
  const { recipe, rows } = job;
  const loss = recipe.loss === 'auto' && autoLoss === 'all' ? 'auto-all' : recipe.loss;
  const { maxLength, packing } = lengthSettings(recipe);
  const settings = {
    loss,
    maxLength,
    chatTemplate: recipe.chat_template === null ? null : templateText(recipe.chat_template),
    eosToken: recipe.eos_token,
    packing,
  };
  const cacheRoot = join(job.cacheDir, 'encoded');
  const key = cacheKey({ datasetHash: rows.contentHash, tokenizerHash: await tokenizerFingerprint(tokenizer), settings });
  const dataset = await openOrBuildCache({
    file: rows.file,
    key: earlierKey !== null && (await hasCache(cacheRoot, earlierKey)) ? earlierKey : key,
    contentHash: rows.contentHash,
    cacheRoot,
    onDropped: (why) => context.emit({ kind: 'log', level: 'warning', message: `${why.replace(/\.$/, '')}: it is made again.` }),
    encoder: await recipeEncoder(recipe, tokenizer, model, { loss }),
    signal: context.stop,
    onProgress: ({ bytes, totalBytes }) => context.emit({ kind: 'progress', phase: 'encoding', done: bytes, total: totalBytes }),
  });
  const { report } = dataset;
  for (const message of report.notices) context.emit({ kind: 'log', level: 'warning', message });
  refuseBeyondLimit(model, Math.min(report.longest, recipe.max_length ?? Infinity), `Set max_length to ${model.sizes.context} or less.`);
  context.emit({
    kind: 'dataset',
    rows: report.keptRows,
    setAside: report.setAsideRows.count,
    dropped: report.droppedRows.count,
    truncated: report.truncatedRows.count,
    tokens: report.tokens,
    targets: report.targets,
    longest: report.longest,
    packs: report.packs ?? null,
    findings: [...report.findings],
  });
  return dataset;
}

/** One optimizer step's data. */
export interface StepData {
  readonly batches: readonly Batch[];
  /** N of the loss (spec 2.8). */
  readonly targetTokens: number;
  /** Tokens of the rows, padding not counted. */
  readonly tokens: number;
  /** Rows of the batches; one laid end to end is a single row. */
  readonly rows: number;
  /** Where the run stands once the step is done. */
  readonly next: CursorPosition;
}

/** What the sampler of a run draws. @throws AppError TOKEN-RANGE when an example is read that the model cannot */
export function examplesOf(dataset: EncodedRows, recipe: Recipe, model: Model): Examples {
  const check = (row: EncodedRow) => refuseBeyondVocabulary(row, model.sizes.vocabSize);
  const { packing } = lengthSettings(recipe);
  return packing === undefined ? rowExamples(dataset, check) : packExamples(dataset, packing, check);
}

/** The micro-batches of a run in their order, from any position. */
export class TrainingData {
  readonly steps: StepPlan;
  readonly buckets: readonly Bucket[];
  readonly #examples: Examples;
  readonly #cursor: DataCursor;
  readonly #padId: number;
  /** Examples of a micro-batch. */
  readonly #batch: number;
  /** A micro-batch is a single row, its examples laid end to end. */
  readonly #flat: boolean;
  /** TRL counts what pads a flat batch among its tokens. */
  readonly #countedMultiple: number;

  constructor(examples: Examples, recipe: Recipe, model: Model, padId: number, position: CursorPosition) {
    const order: DataOrder = {
      rows: examples.count,
      perDeviceTrainBatchSize: recipe.per_device_train_batch_size,
      gradientAccumulationSteps: recipe.gradient_accumulation_steps,
      seed: recipe.seed,
      dataSeed: recipe.data_seed ?? undefined,
      shuffle: recipe.train_sampling_strategy === 'random',
    };
    this.#examples = examples;
    // What pads is masked everywhere, so any row of the embedding will do where the pad token has none ("[PAD]" beside the vocabulary).
    this.#padId = padId < model.sizes.vocabSize ? padId : 0;
    this.#batch = Math.min(order.perDeviceTrainBatchSize, examples.count);
    const segmented = recipe.packing ? recipe.packing_strategy !== 'wrapped' : recipe.padding_free;
    this.#flat = !recipe.packing && recipe.padding_free;
    this.#countedMultiple = segmented ? (recipe.pad_to_multiple_of ?? 1) : 1;
    this.steps = planSteps(order, { epochs: recipe.num_train_epochs, maxSteps: recipe.max_steps });
    this.#cursor = new DataCursor(order, position);
    this.buckets = planBuckets(
      this.#sizes(order),
      { batch: this.#flat ? 1 : this.#batch, segmented },
      recipe.pad_to_multiple_of ?? LENGTH_STEP,
      headShare(model),
    );
  }

  async next(): Promise<StepData> {
    const window: StepWindow = this.#cursor.next();
    const batches = await Promise.all(window.microBatches.map((rows) => this.#read(rows)));
    return {
      batches: batches.map(({ batch }) => batch),
      targetTokens: batches.reduce((sum, { targets }) => sum + targets, 0),
      tokens: batches.reduce((sum, { tokens }) => sum + Math.ceil(tokens / this.#countedMultiple) * this.#countedMultiple, 0),
      rows: window.microBatches.reduce((sum, { length }) => sum + (this.#flat ? 1 : length), 0),
      next: window.next,
    };
  }

  async #read(examples: Uint32Array): Promise<FilledBatch> {
    const sequences = await Promise.all(Array.from(examples, this.#examples.read));
    return fillBatch(this.#flat ? [joinSequences(sequences)] : sequences, bucketFor(this.buckets, this.#sizeOf(examples)), this.#padId);
  }

  /** Sizes of every micro-batch of the run, or of its first epochs where it has very many: later ones are made of the same rows. */
  #sizes(order: DataOrder): MicroBatchSize[] {
    const sizes: MicroBatchSize[] = [];
    const cursor = new DataCursor(order);
    const epochs = Math.max(1, Math.min(this.steps.epochs, Math.ceil(200_000 / this.steps.microBatchesPerEpoch)));
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (let microBatch = 0; microBatch < this.steps.microBatchesPerEpoch; microBatch++)
        sizes.push(this.#sizeOf(cursor.rowsOf({ epoch, microBatch })));
    }
    if (epochs < this.steps.epochs) sizes.push(this.#worstCase());
    return sizes;
  }

  #sizeOf(examples: Uint32Array): MicroBatchSize {
    let [longest, all, labelled] = [0, 0, 0];
    for (const example of examples) {
      const length = this.#examples.length(example);
      longest = Math.max(longest, length);
      all += length;
      labelled += this.#examples.targets(example);
    }
    return { length: Math.max(1, this.#flat ? all : longest), rows: Math.max(1, labelled) };
  }

  /** What a micro-batch of an epoch that was not looked at may need at most. */
  #worstCase(): MicroBatchSize {
    let length = 1;
    let labelled = 1;
    for (let example = 0; example < this.#examples.count; example++) {
      length = Math.max(length, this.#examples.length(example));
      labelled = Math.max(labelled, this.#examples.targets(example));
    }
    return { length: this.#flat ? length * this.#batch : length, rows: labelled * this.#batch };
  }
}

/** A backend would read beyond its table, or say so in its own words. */
function refuseBeyondVocabulary({ source, inputIds }: EncodedRow, vocabulary: number): void {
  const wrong = inputIds.find((id) => id < 0 || id >= vocabulary);
  if (wrong === undefined) return;
  throw new AppError({
    code: 'TOKEN-RANGE',
    message: `Row ${source} holds the token ${wrong}, and the model knows 0 to ${vocabulary - 1}.`,
    data: { row: source, token: wrong },
    remedy:
      'The tokenizer and the model do not belong together, or the encoded rows in the cache folder were changed: delete that folder, then try again.',
  });
}

/** Work of one row of the head beside that of one token of the layers. */
function headShare({ sizes, linears }: Model): number {
  return (sizes.vocabSize * sizes.hiddenSize) / linears.reduce((sum, linear) => sum + linear.in * linear.out, 0);
}
