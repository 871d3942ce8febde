/** The one per-user folder that everything of ours lives in, and its parts. Absolute paths. */
export interface DataFolder {
  readonly root: string;
  /** Imported datasets, one folder a version. */
  readonly datasets: string;
  /** Runs that were started without a folder of their own. */
  readonly runs: string;
  /** Derived files; may be deleted at any time. */
  readonly cache: string;
}
