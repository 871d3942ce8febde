import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearestName } from '../../shared/lib/nearest-name.ts';
import type { Terminal } from './terminal/terminal.ts';

/** The command line itself is wrong: exit code 2, with a pointer to the help. */
export class UsageError extends Error {}

export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** Placeholder of the value in help texts; absent for a switch. */
  readonly value?: string;
  readonly help: string;
  readonly repeated?: true;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Lines of `Usage`, without the program's name. */
  readonly usage: readonly string[];
  readonly options: readonly OptionSpec[];
  /** Paragraphs under the options. */
  readonly notes?: readonly string[];
  /** It has something to save or to say when it is asked to end, and listens for that itself. */
  readonly endsItself?: true;
  /** @returns the exit code */
  run(args: CommandArgs, terminal: Terminal): Promise<number>;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The number has to be more than this. */
  readonly above?: number;
  readonly integer?: boolean;
}

/** Options as given, looked up by name; a wrong value is a `UsageError`. */
export class CommandArgs {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | null {
    const value = this.#values[name];
    if (value === '') throw new UsageError(`--${name} is empty`);
    return typeof value === 'string' ? value : null;
  }

  list(name: string): readonly string[] {
    return (this.#values[name] as readonly string[] | undefined) ?? [];
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === null) throw new UsageError(`--${name} is missing`);
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name) ?? otherwise;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new UsageError(`--${name} must be one of ${choices.join(', ')}, but is ${JSON.stringify(value)}`);
    return found;
  }

  number(name: string, { min = -Infinity, max = Infinity, above = -Infinity, integer = false }: Range): number | null {
    const text = this.text(name);
    if (text === null) return null;
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max && value > above && (!integer || Number.isSafeInteger(value))) return value;
    const bounds = [above === -Infinity ? '' : ` above ${above}`, min === -Infinity ? '' : ` from ${min}`, max === Infinity ? '' : ` to ${max}`].join(
      '',
    );
    throw new UsageError(`--${name} must be a ${integer ? 'whole ' : ''}number${bounds}, but is ${JSON.stringify(text)}`);
  }

  integer(name: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number | null {
    return this.number(name, { min, max, integer: true });
  }
}

/** Reads the arguments after the command's name. @throws UsageError */
export function parseCommandArgs(command: Command, argv: readonly string[]): CommandArgs {
  const options: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const { name, value, repeated } of command.options) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: repeated ?? false };
  }
  const typed = argv.find((arg) => arg.startsWith('--') && !Object.hasOwn(options, arg.slice(2).split('=')[0]!));
  try {
    return new CommandArgs(parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && typed) {
      const name = typed.slice(2).split('=')[0]!;
      const nearest = nearestName(name, Object.keys(options));
      throw new UsageError(`${command.name} has no option --${name}${nearest === null ? '' : `; did you mean --${nearest}?`}`);
    }
    const valueless = /^Option '(?:-\w, )?(--[a-z-]+)[ \w<>]*' argument (?:missing|is ambiguous)/.exec((error as Error).message)?.[1];
    if (valueless) throw new UsageError(`${valueless} needs a value; one that begins with a dash is written ${valueless}=-1`);
    throw new UsageError((error as Error).message.split(/\. To specify|\. Did you/)[0]!);
  }
}
