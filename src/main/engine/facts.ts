/** @file The facts job: what model folders hold, by the readers that training uses, without a single weight. */
import { AppError, boundedFields } from '../../shared/lib/app-error.ts';
import { MAX_TEMPLATE, type AdaptableLayer, type ModelFacts, type ModelState } from '../../shared/domain/model.ts';
import type { Model } from './models/model.ts';
import { openModel } from './models/open-model.ts';
import type { EngineEvent, FactsJob } from './protocol.ts';
import { loadTokenizer } from './text/tokenizer/tokenizer.ts';
import { readLicense } from './weights/model-card.ts';

const MOST_NAME = 256;

/** Emits `facts` for each folder; what is wrong with one is its own state and stops no other. */
export async function runFacts(job: FactsJob, emit: (event: EngineEvent) => void, stop: AbortSignal): Promise<void> {
  for (const folder of job.folders) {
    stop.throwIfAborted();
    emit({ kind: 'facts', folder, state: await stateOf(folder) });
  }
}

async function stateOf(folder: string): Promise<ModelState> {
  try {
    return { kind: 'usable', facts: await factsOf(folder) };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'unusable', error: boundedFields(error.toFields()) };
    const message = `${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
    return {
      kind: 'unusable',
      error: { code: 'MODEL-FOLDER', message, data: { path: folder }, remedy: 'Check that the folder can be read and is whole.' },
    };
  }
}

async function factsOf(folder: string): Promise<ModelFacts> {
  const { model, tensors } = await openModel(folder);
  const tokenizer = await loadTokenizer(folder);
  const sources = tokenizer.chatTemplateSources;
  const dtypes: Record<string, number> = {};
  let parameters = 0;
  let weightBytes = 0;
  for (const { dtype, shape, length } of tensors.values()) {
    parameters += shape.reduce((product, dimension) => product * dimension, 1);
    weightBytes += length;
    dtypes[dtype] = (dtypes[dtype] ?? 0) + length;
  }
  return {
    modelType: model.family,
    context: model.sizes.context,
    layers: model.sizes.layers,
    vocabulary: model.sizes.vocabSize,
    rows: rowsOf(model),
    adaptable: adaptableOf(model),
    parameters,
    weightBytes,
    dtypes,
    // What is told is bounded, whatever the folder holds; the engine reads the files themselves.
    chatTemplate: beginning(sources['default'] ?? Object.values(sources)[0] ?? null, MAX_TEMPLATE),
    eosToken: beginning(tokenizer.eos?.text ?? null, MOST_NAME),
    license: beginning(await readLicense(folder), MOST_NAME),
  };
}

function rowsOf({ sizes, facts }: Model): ModelFacts['rows'] {
  return [
    ['vocabulary', sizes.vocabSize],
    ['layers', sizes.layers],
    ['hidden', sizes.hiddenSize],
    ['heads', `${sizes.heads} / ${sizes.kvHeads}`],
    ...facts,
  ];
}

/** Layers of one name and size are told once, with their number. */
function adaptableOf({ linears }: Model): readonly AdaptableLayer[] {
  const kinds = new Map<string, AdaptableLayer>();
  for (const { path, in: width, out } of linears) {
    const name = path.split('.').at(-1)!;
    const key = JSON.stringify([name, width, out]);
    kinds.set(key, [name, width, out, (kinds.get(key)?.[3] ?? 0) + 1]);
  }
  return [...kinds.values()];
}

function beginning(text: string | null, most: number): string | null {
  return text === null || text.length <= most ? text : `${text.slice(0, most)}…`;
}
