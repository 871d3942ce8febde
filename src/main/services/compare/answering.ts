import { resolve } from 'node:path';
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import type { Outcome } from '../../../shared/domain/outcome.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { startJob, type EngineEvent, type GenerateJob, type RunningJob } from '../../engine-host/engine-host.ts';
import { chooseDevice, type RequestedDevice } from '../machine/devices.ts';
import { stopTokensOf } from './stop-tokens.ts';

export type Prompt = GenerateJob['prompts'][number];
export type Sampling = GenerateJob['sampling'];

export interface AnswerColumn {
  readonly name: string;
  /** What answers: an adapter on the model, a model of its own, or (null) the model as it is. */
  readonly weights: Outcome | null;
}

export interface AnswerRequest {
  readonly model: string;
  readonly columns: readonly AnswerColumn[];
  readonly prompts: readonly Prompt[];
  /** Instead of the model's own. */
  readonly chatTemplate?: string | null;
  readonly maxNewTokens: number;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly precision: GenerateJob['precision'];
  readonly device: RequestedDevice;
  readonly threads: number | null;
}

export type AnswerUpdate = Extract<EngineEvent, { kind: 'text' | 'log' | 'progress' | 'memory' }>;

export interface AnswerHandle {
  stop(): void;
  /** Whether every answer was given; false when stopped. Rejects with AppError. */
  readonly ended: Promise<boolean>;
}

/** Begins the job: in an engine of its own, or by one that stays. */
export type StartAnswer = (job: GenerateJob, onEvent: (event: EngineEvent) => void) => RunningJob;

/**
 * Every prompt answered by every column; answers stream as updates. Columns of the model and its adapters share one set of weights and are
 * answered together. A model of its own has weights of its own: it answers after them, so that no two sets are held at once.
 */
export function answer(
  request: AnswerRequest,
  data: DataFolder,
  onUpdate: (update: AnswerUpdate) => void,
  start: StartAnswer = startJob,
): AnswerHandle {
  let stopping = false;
  let stopJob = () => undefined as void;
  const work = async () => {
    const { device, reason } = await chooseDevice(request.device, data);
    if (reason !== null) onUpdate({ kind: 'log', level: 'info', message: reason });
    const stopTokens = await stopTokensOf(request.columns);
    for (const part of partsOf(request)) {
      if (stopping) return false;
      const job = start({ ...jobOf(part, request, device, data), stopTokens }, (event) => {
        if (event.kind === 'text') onUpdate({ ...event, column: part.columns[event.column]! });
        else if (event.kind === 'log' || event.kind === 'progress' || event.kind === 'memory') onUpdate(event);
      });
      stopJob = () => job.stop();
      const last = await job.ended;
      if (last.kind === 'failed') throw new AppError(last.error);
      if (last.kind !== 'done') return false;
    }
    return true;
  };
  return {
    stop() {
      stopping = true;
      stopJob();
    },
    ended: work(),
  };
}

/** Columns that one set of weights answers, by their places in the request. */
export interface AnswerPart {
  readonly model: string;
  readonly columns: readonly number[];
}

/** In the order of their first columns. */
export function partsOf({ model, columns }: Pick<AnswerRequest, 'model' | 'columns'>): readonly AnswerPart[] {
  const parts = new Map<string, number[]>();
  for (const [index, { weights }] of columns.entries()) {
    const folder = resolve(weights?.kind === 'model' ? weights.folder : model);
    parts.set(folder, [...(parts.get(folder) ?? []), index]);
  }
  return [...parts].map(([folder, places]) => ({ model: folder, columns: places }));
}

/** A column as the engine is told it. */
export function engineColumn({ name, weights }: AnswerColumn): GenerateJob['columns'][number] {
  return { name, adapter: weights?.kind === 'adapter' ? resolve(weights.folder) : null };
}

function jobOf(part: AnswerPart, request: AnswerRequest, device: GenerateJob['device'], data: DataFolder): GenerateJob {
  const own = <T>(all: readonly T[]): T[] => part.columns.map((index) => all[index]!);
  return {
    kind: 'generate',
    device,
    threads: request.threads,
    cacheDir: data.cache,
    model: part.model,
    precision: request.precision,
    columns: own(request.columns).map(engineColumn),
    prompts: request.prompts.map((prompt) => (prompt.kind === 'chats' ? { ...prompt, chats: own(prompt.chats) } : prompt)),
    chatTemplate: request.chatTemplate ?? null,
    maxNewTokens: request.maxNewTokens,
    sampling: request.sampling,
    seed: request.seed,
  };
}
