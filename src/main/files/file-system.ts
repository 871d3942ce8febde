import { promises as nodeFs } from 'node:fs';

/** The calls that saving needs; tests pass one whose disk is full. */
export interface FileSystem {
  open(path: string, flags: string, mode: number): Promise<WritableHandle>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { readonly mode: number }): Promise<unknown>;
}

export interface WritableHandle {
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const NODE_FILES: FileSystem = nodeFs;

/** What we make is for the person who runs us alone: what they train on is nobody else's affair. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;
