import { onEndSignals } from '../app/end-signals.ts';
import { dataFolder } from '../app/paths.ts';
import type { RequestedDevice } from '../services/machine/devices.ts';
import { type CommandArgs, type OptionSpec, UsageError } from './command.ts';
import type { Terminal } from './terminal/terminal.ts';

export const DATA: OptionSpec = { name: 'data', value: 'DIR', help: 'Keep datasets, runs and caches here instead of the per-user data folder.' };
export const JSON_OUTPUT: OptionSpec = { name: 'json', help: 'One JSON line an event on stdout, numbers with every digit.' };
export const DEVICE: OptionSpec = {
  name: 'device',
  value: 'NAME',
  help: 'auto (default: the GPU where there is a usable one, else the CPU, and it says why), cpu, cuda, or reference (slow plain loops, for checking).',
};
export const THREADS: OptionSpec = { name: 'threads', value: 'N', help: 'CPU threads; the number of physical cores if not given.' };
export const SET: OptionSpec = {
  name: 'set',
  value: 'FIELD=VALUE',
  repeated: true,
  help: 'Sets a field of the recipe, such as lora.r=8; see "tunesmith recipe" for all fields.',
};

const DEVICES = ['auto', 'cpu', 'cuda', 'reference'] as const;

export function deviceOf(args: CommandArgs): RequestedDevice {
  return args.choice('device', DEVICES, 'auto');
}

export function threadsOf(args: CommandArgs): number | null {
  return args.integer('threads', 1, 1024);
}

export function dataOf(args: CommandArgs): ReturnType<typeof dataFolder> {
  return dataFolder(args.text('data'));
}

/** `--set` values by field; what reads as JSON is taken so, the rest as text. */
export function settingsOf(args: CommandArgs): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    args.list('set').map((given) => {
      const at = given.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${given}: write it as field=value`);
      return [given.slice(0, at), valueOf(given.slice(at + 1))];
    }),
  );
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: a word such as cosine, or a path.
    return text;
  }
}

interface Stoppable {
  stop(): void;
}

/** A request to end (Ctrl-C, a closed terminal, a service that is stopped) asks to stop; a second one ends at once. Returns a function that takes the listeners off. */
export function stopOnSignal(work: Stoppable, terminal: Terminal, first: string): () => void {
  return onEndSignals(
    () => {
      terminal.notice(first);
      work.stop();
    },
    () => work.stop(),
  );
}
