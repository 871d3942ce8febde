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

/** Characters of an error's message, its remedy and its facts: names and rows of a file may be of any length. */
const MOST_MESSAGE = 4000;
const MOST_REMEDY = 2000;
const MOST_DATA = 64 * 1024;

/** The same, short enough to be kept and shown wherever it comes from; facts that are too many are left out. */
export function boundedFields({ code, message, data, remedy }: AppErrorFields): AppErrorFields {
  const facts = data === undefined || sizeOfData(data) <= MOST_DATA ? data : undefined;
  return {
    code: code.slice(0, 64),
    message: beginning(message, MOST_MESSAGE),
    data: facts,
    remedy: remedy === undefined ? undefined : beginning(remedy, MOST_REMEDY),
  };
}

function beginning(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}

function sizeOfData(data: Readonly<Record<string, unknown>>): number {
  try {
    return JSON.stringify(data).length;
  } catch {
    // Too deep to be written, or with itself inside.
    return Infinity;
  }
}
