import { resolve } from 'node:path';
import type { DataFolder } from '../../../shared/domain/data-folder.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import { startJob, type EngineEvent, type GenerateJob, type RunningJob } from '../../engine-host/engine-host.ts';
import { chooseDevice, type RequestedDevice } from '../machine/devices.ts';
import { stopTokensOf } from './stop-tokens.ts';

export type Prompt = GenerateJob['prompts'][number];
export type Sampling = GenerateJob['sampling'];

export interface AnswerRequest {
  readonly model: string;
  /** A column each; `adapter` null is the base model. */
  readonly columns: readonly { readonly name: string; readonly adapter: string | null }[];
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

/** Every prompt answered by every column, from one set of base weights; answers stream as updates. */
export function answer(request: AnswerRequest, data: DataFolder, onUpdate: (update: AnswerUpdate) => void, start: StartAnswer = startJob): AnswerHandle {
  let stopping = false;
  let stopJob = () => undefined as void;
  const work = async () => {
    const { device, reason } = await chooseDevice(request.device, data);
    if (reason !== null) onUpdate({ kind: 'log', level: 'info', message: reason });
    const stopTokens = await stopTokensOf(request.columns);
    if (stopping) return false;
    const job = start({ ...jobOf(request, device, data), stopTokens }, (event) => {
      if (event.kind === 'text' || event.kind === 'log' || event.kind === 'progress' || event.kind === 'memory') onUpdate(event);
    });
    stopJob = () => job.stop();
    const last = await job.ended;
    if (last.kind === 'failed') throw new AppError(last.error);
    return last.kind === 'finished';
  };
  return {
    stop() {
      stopping = true;
      stopJob();
    },
    ended: work(),
  };
}

function jobOf(request: AnswerRequest, device: GenerateJob['device'], data: DataFolder): GenerateJob {
  return {
    kind: 'generate',
    device,
    threads: request.threads,
    cacheDir: data.cache,
    model: resolve(request.model),
    precision: request.precision,
    columns: request.columns.map(({ name, adapter }) => ({ name, adapter: adapter === null ? null : resolve(adapter) })),
    prompts: [...request.prompts],
    chatTemplate: request.chatTemplate ?? null,
    maxNewTokens: request.maxNewTokens,
    sampling: request.sampling,
    seed: request.seed,
  };
}
