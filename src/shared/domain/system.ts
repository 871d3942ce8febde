/** This machine and this program, for the hardware card and the settings. Sizes in bytes. */
export interface SystemInfo {
  readonly version: string;
  /** Which of the two hosts serves the page. */
  readonly host: 'electron' | 'browser';
  readonly platform: string;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Where everything of ours lies, and the room left there. */
  readonly dataFolder: string;
  readonly freeDiskBytes: number;
  /** Where the scan looks for the Hugging Face cache. */
  readonly hubCache: string;
}

/** One level of folders on the host's disk, for choosing a folder or a file; names only, never contents. */
export interface FolderListing {
  /** Absolute. */
  readonly path: string;
  /** Null at the root. */
  readonly parent: string | null;
  readonly entries: readonly FolderEntry[];
  /** More entries were there than are listed. */
  readonly truncated: boolean;
}

export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  readonly kind: 'folder' | 'file';
  /** The folder holds a config.json. */
  readonly isModel: boolean;
  /** Of a file; null of a folder. */
  readonly bytes: number | null;
}
