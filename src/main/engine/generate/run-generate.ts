/** @file The generate job: every prompt answered by every column, streamed as text. */
import { AppError } from '../../../shared/lib/app-error.ts';
import type { JobContext } from '../job-context.ts';
import { unusedTensorsNotice } from '../models/open-model.ts';
import { refuseBeyondLimit } from '../models/position-limit.ts';
import { choosePrecision } from '../models/precision.ts';
import type { GenerateJob } from '../protocol.ts';
import { givenTemplate } from '../text/chat-template/given-template.ts';
import { StreamingDecoder } from '../text/tokenizer/streaming-decoder.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import { nonFiniteError } from '../weights/non-finite.ts';
import type { Generator } from './generator.ts';
import { LoadedModel } from './loaded-model.ts';
import { openWithTokenizer, type OpenedModel } from './opened-model.ts';

/** Emits `text` events as answers grow, then `finished`. */
export async function runGenerate(job: GenerateJob, context: JobContext): Promise<void> {
  let loaded: LoadedModel | null = null;
  try {
    await answerAll(job, context, async () => (loaded = await loadModel(await openWithTokenizer(job.model), job, context)));
  } finally {
    // What is assigned in a callback is not seen by the compiler.
    await (loaded as LoadedModel | null)?.dispose();
  }
}

/** The same with a model that outlives the job. */
export async function answerAll(job: GenerateJob, context: Omit<JobContext, 'backend'>, load: () => Promise<LoadedModel>): Promise<void> {
  const { emit } = context;
  const loaded = await load();
  const generator = await loaded.generator(job.columns);
  for (const message of loaded.notices) emit({ kind: 'log', level: 'warning', message });
  for (const prompt of job.prompts.keys()) {
    await answer(job, prompt, loaded.opened, generator, context).catch(async (error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'E-NAN') throw error;
      throw await nonFiniteError(loaded.opened.folder, `Prompt ${prompt + 1}`, error);
    });
  }
  emit({ kind: 'memory', memory: loaded.memory() });
}

/** Weights into the backend; progress and what the folder has beyond them are told. Stopping ends it between two tensors. */
export async function loadModel(
  opened: OpenedModel,
  { precision }: Pick<GenerateJob, 'precision'>,
  { backend, emit, stop }: JobContext,
): Promise<LoadedModel> {
  const unused = unusedTensorsNotice(opened.folder);
  if (unused) emit({ kind: 'log', level: 'warning', message: unused });
  return LoadedModel.load(opened, backend, choosePrecision(precision, backend.info), (done, total) => {
    stop.throwIfAborted();
    emit({ kind: 'progress', phase: 'loading', done, total });
  });
}

async function answer(
  job: GenerateJob,
  prompt: number,
  { folder: { model }, tokenizer }: OpenedModel,
  generator: Generator,
  { emit, stop }: Pick<JobContext, 'emit' | 'stop'>,
): Promise<void> {
  const prompts = await encodePrompts(job, prompt, tokenizer);
  for (const ids of prompts) {
    checkPrompt(ids, prompt, model.sizes.vocabSize);
    refuseBeyondLimit(model, ids.length + job.maxNewTokens, 'Ask for fewer new tokens, or shorten the prompt.');
  }
  const writers = job.columns.map(() => ({ decoder: new StreamingDecoder(tokenizer, { skipSpecialTokens: true }), tokens: 0 }));
  const request = {
    prompts,
    maxNewTokens: job.maxNewTokens,
    sampling: job.sampling,
    seed: job.seed,
    stopIds: new Set([...tokenizer.stopIds, ...(job.stopTokens ?? []).flatMap((token) => tokenizer.tokenId(token) ?? [])]),
    signal: stop,
  };
  for await (const { column, id, finished } of generator.generate(request)) {
    const writer = writers[column]!;
    writer.tokens++;
    const text = (await writer.decoder.push(id)) + (finished ? await writer.decoder.finish() : '');
    if (text !== '' || finished) emit({ kind: 'text', prompt, column, text, tokens: writer.tokens, finished });
  }
}

function checkPrompt(ids: readonly number[], prompt: number, vocabSize: number): void {
  if (ids.length === 0) {
    throw new AppError({
      code: 'PROMPT-EMPTY',
      message: `Prompt ${prompt + 1} has no tokens: there is nothing to go on from.`,
      remedy: 'Write at least one character.',
    });
  }
  const beyond = ids.find((id) => id >= vocabSize);
  if (beyond === undefined) return;
  throw new AppError({
    code: 'E-VOCAB',
    message: `Prompt ${prompt + 1} contains token ${beyond}, but the model's embedding has ${vocabSize} rows.`,
    data: { prompt, id: beyond, embeddingRows: vocabSize },
    remedy: 'Use the tokenizer that belongs to this model.',
  });
}

/** Ids for each column. */
async function encodePrompts(job: GenerateJob, index: number, tokenizer: Tokenizer): Promise<readonly (readonly number[])[]> {
  const prompt = job.prompts[index]!;
  if (prompt.kind !== 'chats') {
    const ids = await encodePrompt(job, prompt, tokenizer);
    return job.columns.map(() => ids);
  }
  if (prompt.chats.length !== job.columns.length) throw new Error(`internal: ${prompt.chats.length} conversations for ${job.columns.length} columns`);
  return Promise.all(prompt.chats.map((messages) => encodePrompt(job, { kind: 'messages', messages }, tokenizer)));
}

type SharedPrompt = Exclude<GenerateJob['prompts'][number], { kind: 'chats' }>;

/** A conversation goes through the chat template with the generation prompt; plain text is encoded as it stands. */
async function encodePrompt(job: GenerateJob, prompt: SharedPrompt, tokenizer: Tokenizer): Promise<number[]> {
  const plain = prompt.kind === 'text' || (prompt.kind === 'question' && job.chatTemplate === null && !tokenizer.hasChatTemplate);
  if (plain) return [...(await tokenizer.encode(prompt.text, { addSpecialTokens: true }))];
  const template = job.chatTemplate === null ? tokenizer.chatTemplate() : givenTemplate(job.chatTemplate, tokenizer.namedTokens);
  const messages = prompt.kind === 'messages' ? prompt.messages : [{ role: 'user', content: prompt.text }];
  const { text } = template.render({ messages, addGenerationPrompt: true });
  return [...(await tokenizer.encode(text, { addSpecialTokens: false }))];
}
