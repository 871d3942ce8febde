/** @file The generate job: every prompt answered by every column, streamed as text. */
import { AppError } from '../../../shared/lib/app-error.ts';
import { loraScale, readPeftAdapter } from '../export/peft-adapter.ts';
import type { JobContext } from '../job-context.ts';
import { modelDefinition } from '../models/model.ts';
import { modelStates } from '../models/model-states.ts';
import { openModel, unusedTensorsNotice } from '../models/open-model.ts';
import { choosePrecision } from '../models/precision.ts';
import type { GenerateJob } from '../protocol.ts';
import { createChatTemplate } from '../text/chat-template/chat-template.ts';
import { StreamingDecoder } from '../text/tokenizer/streaming-decoder.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer/tokenizer.ts';
import type { ModelFolder } from '../weights/model-folder.ts';
import type { ColumnAdapter } from './columns.ts';
import { Generator } from './generator.ts';

/** Emits `text` events as answers grow, then `finished`. */
export async function runGenerate(job: GenerateJob, { backend, emit, stop }: JobContext): Promise<void> {
  const started = performance.now();
  const model = await openModel(job.model);
  const unused = unusedTensorsNotice(model);
  if (unused) emit({ kind: 'log', level: 'warning', message: unused });
  const tokenizer = await loadTokenizer(job.model);
  const columns = await Promise.all(job.columns.map(({ adapter }) => (adapter === null ? null : loadColumn(adapter, model))));
  const session = await backend.open();
  try {
    const dtype = choosePrecision(job.precision, backend.info);
    await session.addStates(modelStates(model, dtype), (done, total) => emit({ kind: 'progress', phase: 'loading', done, total }));
    const generator = await Generator.open(session, model.config, dtype, columns);
    for (const prompt of job.prompts.keys()) await answer(job, prompt, model, generator, tokenizer, { emit, stop });
    emit({ kind: 'memory', memory: session.memory() });
    emit({ kind: 'finished', result: { adapter: null, steps: 0, trainLoss: null, seconds: (performance.now() - started) / 1000 } });
  } finally {
    await session.dispose();
  }
}

async function loadColumn(folder: string, model: ModelFolder): Promise<ColumnAdapter> {
  const { config, tensors } = await readPeftAdapter(folder, modelDefinition(model.config.family).linears(model.config));
  return new Map([...tensors].map(([path, pair]) => [path, { a: pair.a, b: pair.b, rank: pair.rank, scale: loraScale(pair, config.useRslora) }]));
}

async function answer(job: GenerateJob, prompt: number, { config }: ModelFolder, generator: Generator, tokenizer: Tokenizer, { emit, stop }: Pick<JobContext, 'emit' | 'stop'>): Promise<void> {
  const promptIds = await encodePrompt(job, prompt, tokenizer);
  checkPrompt(promptIds, prompt, config.vocabSize);
  const writers = job.columns.map(() => ({ decoder: new StreamingDecoder(tokenizer, { skipSpecialTokens: true }), tokens: 0 }));
  const request = { promptIds, maxNewTokens: job.maxNewTokens, sampling: job.sampling, seed: job.seed, stopIds: new Set(tokenizer.stopIds), signal: stop };
  for await (const { column, id, finished } of generator.generate(request)) {
    const writer = writers[column]!;
    writer.tokens++;
    const text = (await writer.decoder.push(id)) + (finished ? await writer.decoder.finish() : '');
    if (text !== '' || finished) emit({ kind: 'text', prompt, column, text, tokens: writer.tokens, finished });
  }
}

function checkPrompt(ids: readonly number[], prompt: number, vocabSize: number): void {
  if (ids.length === 0) {
    throw new AppError({ code: 'PROMPT-EMPTY', message: `Prompt ${prompt + 1} has no tokens: there is nothing to go on from.`, remedy: 'Write at least one character.' });
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

/** A conversation goes through the chat template with the generation prompt; plain text is encoded as it stands. */
async function encodePrompt(job: GenerateJob, index: number, tokenizer: Tokenizer): Promise<number[]> {
  const prompt = job.prompts[index]!;
  const plain = prompt.kind === 'text' || (prompt.kind === 'question' && job.chatTemplate === null && !tokenizer.hasChatTemplate);
  if (plain) return [...(await tokenizer.encode(prompt.text, { addSpecialTokens: true }))];
  const template = job.chatTemplate === null
    ? tokenizer.chatTemplate()
    : createChatTemplate(job.chatTemplate, { origin: 'the given chat template', specialTokens: tokenizer.namedTokens });
  const messages = prompt.kind === 'messages' ? prompt.messages : [{ role: 'user', content: prompt.text }];
  const { text } = template.render({ messages, addGenerationPrompt: true });
  return [...(await tokenizer.encode(text, { addSpecialTokens: false }))];
}
