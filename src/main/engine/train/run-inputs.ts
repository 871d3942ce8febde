/** @file What a run trains on, as hashes in its checkpoints: a run that is resumed is held against them. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { TrainJob } from '../protocol.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { canonicalJson } from '../../../shared/lib/canonical-json.ts';
import { sealOfHandle } from '../../files/seal.ts';
import type { EncodedDataset } from '../data/encoded-cache.ts';
import type { ModelFolder } from '../models/open-model.ts';
import { templateText } from '../text/chat-template/given-template.ts';
import type { Tokenizer } from '../text/tokenizer/tokenizer.ts';
import type { RunInputs } from './trainer-state.ts';

/** Weights of more bytes than this are hashed by samples: to read them all would take longer than to load them. */
const WHOLE = 512 * 1024 * 1024;
/** Samples: this much at the start of a file (its header) and at its end, and a block of each stride between. */
const EDGE = 1024 * 1024;
const STRIDE = 4 * 1024 * 1024;
const BLOCK = 16 * 1024;

/** All but the encoded rows, which are made from these. */
export type RunSources = Omit<RunInputs, 'encoded'>;

export async function runSources(job: TrainJob, folder: ModelFolder, tokenizer: Tokenizer): Promise<RunSources> {
  const { chat_template: template } = job.recipe;
  return {
    weights: await hashWeights(weightFiles(folder)),
    config: sha256(canonicalJson(folder.model.config)),
    tokenizer: sha256(JSON.stringify([tokenizer.digest, tokenizer.namedTokens])),
    chat_template: sha256(canonicalJson([tokenizer.chatTemplateSources, template === null ? null : templateText(template)])),
    rows: job.rows.contentHash,
    eval_rows: job.evaluation?.contentHash ?? null,
  };
}

export function withEncoded(sources: RunSources, { key, sha256: hash }: EncodedDataset): RunInputs {
  return { ...sources, encoded: { key, sha256: hash } };
}

/** @throws AppError RESUME-INPUTS naming all that is not what the checkpoint was trained on */
export function refuseOtherSources(job: TrainJob, model: ModelFolder, earlier: RunInputs, now: RunSources): void {
  const changed = [
    ...(sameWeights(earlier, now) ? [] : [`the weights (${weightFiles(model).join(', ')})`]),
    ...(earlier.config === now.config ? [] : [`config.json in ${model.path}`]),
    ...(earlier.tokenizer === now.tokenizer ? [] : [`the tokenizer in ${model.path}`]),
    ...(earlier.chat_template === now.chat_template ? [] : ['the chat template']),
    ...(earlier.rows === now.rows ? [] : [`the rows (${job.rows.file})`]),
    ...(earlier.eval_rows === now.eval_rows ? [] : [`the rows of the evaluation (${job.recipe.eval_dataset})`]),
  ];
  if (changed.length > 0) throw otherInputs(job, changed);
}

/** The encoded rows differ although all that they were made of is the same. @returns what to say where that has an innocent reason */
export function refuseOtherRows(job: TrainJob, tokenizer: Tokenizer, earlier: RunInputs, dataset: EncodedDataset): string | null {
  if (earlier.encoded.sha256 === dataset.sha256) return null;
  const template = job.recipe.chat_template;
  const dated = [...Object.values(tokenizer.chatTemplateSources), template === null ? '' : templateText(template)].some((source) =>
    source.includes('strftime_now'),
  );
  if (!dated) throw otherInputs(job, ['the rows as tokens']);
  return "The chat template writes the date into each row, and the rows as they were encoded before are not in the cache any more: the rest of the run trains with today's date.";
}

function sameWeights(earlier: RunInputs, now: RunSources): boolean {
  const seals = ({ weights }: RunSources) =>
    weights
      .map((seal) => canonicalJson(seal))
      .sort()
      .join();
  return seals(earlier) === seals(now);
}

function otherInputs({ resumeFrom }: TrainJob, changed: readonly string[]): AppError {
  return new AppError({
    code: 'RESUME-INPUTS',
    message: `What this run trains on was changed since ${resumeFrom} was written: ${changed.join('; ')}.`,
    data: { checkpoint: resumeFrom, changed },
    remedy:
      'Put back what was there before, then resume. To go on with what is there now, start a new run; it can train the adapter of this checkpoint further ("adapter" in the recipe).',
  });
}

function weightFiles({ tensors }: ModelFolder): readonly string[] {
  return [...new Set([...tensors.values()].map(({ file }) => file))].sort();
}

/** Files of weights, each by all of its bytes, or (many gigabytes) by its size, header, end and samples. */
export async function hashWeights(paths: readonly string[], most = WHOLE): Promise<RunInputs['weights']> {
  const handles = await Promise.all(paths.map((path) => open(path, 'r')));
  try {
    const sizes = await Promise.all(handles.map(async (handle) => (await handle.stat()).size));
    const whole = sizes.reduce((sum, size) => sum + size, 0) <= most;
    const seals = [];
    for (const [i, handle] of handles.entries()) {
      seals.push({ whole, ...(whole ? await sealOfHandle(handle) : { bytes: sizes[i]!, sha256: await hashSamples(handle, sizes[i]!) }) });
    }
    return seals;
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
  }
}

async function hashSamples(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<string> {
  const hash = createHash('sha256').update(`${size}`);
  const buffer = Buffer.allocUnsafe(EDGE);
  const take = async (start: number, length: number) => {
    const { bytesRead } = await handle.read(buffer, 0, length, start);
    hash.update(buffer.subarray(0, bytesRead));
  };
  await take(0, EDGE);
  for (let at = EDGE; at < size - EDGE; at += STRIDE) await take(at, BLOCK);
  await take(Math.max(0, size - EDGE), EDGE);
  return hash.digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
