import type { Command } from '../engine/protocol.ts';

/** A process that runs the engine, however it was started. */
export interface EngineChild {
  readonly pid: number | undefined;
  /** Does nothing once the process has gone. */
  send(command: Command): void;
  kill(): void;
  /** Its last word has been heard: it may go. */
  release(): void;
  /** To be called once, in the turn of the start. */
  listen(listeners: EngineListeners): void;
}

export interface EngineListeners {
  /** Not parsed yet. */
  readonly message: (message: unknown) => void;
  /** What the engine and its native libraries print. */
  readonly output: (text: string) => void;
  /** The process could not be started. */
  readonly failed: (error: Error) => void;
  /** The process has gone, after everything else; `how` completes "The engine process ...". */
  readonly closed: (how: string) => void;
}

/** Starts the engine's entry. */
export type LaunchEngine = (entry: string) => EngineChild;
