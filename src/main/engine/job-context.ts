import type { Backend } from './backends/backend.ts';
import type { EngineEvent } from './protocol.ts';

/** What a job gets from the process that runs it. */
export interface JobContext {
  readonly backend: Backend;
  emit(event: EngineEvent): void;
  /** Sends what `emit` holds back to send it together. */
  flush(): void;
  /** Aborted when the host asks to stop. Training then saves and ends; anything else ends at once. */
  readonly stop: AbortSignal;
}

/** What a job gets that computes no tensor. */
export type TextJobContext = Pick<JobContext, 'emit' | 'stop'>;
