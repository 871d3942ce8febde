/** What every error carries to the person in front of the screen or terminal. */
export interface AppErrorFields {
  /** Stable identifier, e.g. `E-FMT-COLS` (spec section 8) or `WEIGHTS-HEADER`. */
  readonly code: string;
  /** What happened and where: names the file, row or tensor. */
  readonly message: string;
  /** Facts for programs: rows, shapes, paths. JSON-serialisable. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** What to do about it, one sentence. */
  readonly remedy?: string | undefined;
}

/** The only error shape that crosses a process or a screen. Anything else thrown is a bug of ours. */
export class AppError extends Error {
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly remedy: string | undefined;

  constructor(fields: AppErrorFields, cause?: unknown) {
    super(fields.message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = fields.code;
    this.data = fields.data;
    this.remedy = fields.remedy;
  }

  toFields(): AppErrorFields {
    return { code: this.code, message: this.message, data: this.data, remedy: this.remedy };
  }
}
