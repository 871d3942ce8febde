/** Something about the studio as a whole that a person has to know for as long as it is so. Sentences are the host's. */
export interface StudioNotice {
  /** Stable name of the kind, such as `DISK-FULL` or `STUDIO-SECOND`. */
  readonly code: string;
  /** `problem`: something may be lost. `warning`: something behaves differently. `note`: it is well again. */
  readonly level: 'note' | 'warning' | 'problem';
  readonly message: string;
  readonly remedy: string | null;
}
