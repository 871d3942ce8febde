import type { Command, OptionSpec } from './command.ts';
import { wrap } from './terminal/display-width.ts';
import type { Terminal } from './terminal/terminal.ts';

const PROGRAM = 'tunesmith';

/** The list of commands. */
export function overview(commands: readonly Command[], terminal: Terminal): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Fine-tune language models on your own machine.',
    '',
    `${terminal.paint('bold', 'Usage')}: ${PROGRAM} COMMAND [options]`,
    '',
    ...commands.map(({ name, summary }) => `  ${terminal.paint('cyan', name.padEnd(width))}  ${summary}`),
    '',
    `"${PROGRAM} COMMAND --help" tells the options of a command, "${PROGRAM} recipe" every field of a recipe.`,
  ].join('\n');
}

/** The help of one command, made from its table. */
export function commandHelp(command: Command, terminal: Terminal): string {
  const columns = Math.min(terminal.columns, 100);
  const heads = command.options.map(headOf);
  const indent = Math.min(26, Math.max(...heads.map(({ length }) => length)) + 4);
  const options = command.options.flatMap(({ help }, i) => {
    const [first = '', ...rest] = wrap(help, columns - indent);
    const head = `  ${heads[i]!}`;
    const opening = head.length + 2 > indent ? [head, ' '.repeat(indent) + first] : [head.padEnd(indent) + first];
    return [...opening, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  const notes = (command.notes ?? []).flatMap((note) => ['', ...wrap(note, columns)]);
  return [
    `${command.summary}.`,
    '',
    terminal.paint('bold', 'Usage'),
    ...command.usage.map((line) => `  ${PROGRAM} ${line}`),
    '',
    terminal.paint('bold', 'Options'),
    ...options,
    ...notes,
  ].join('\n');
}

function headOf({ name, value, repeated }: OptionSpec): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}${repeated ? ' ...' : ''}`;
}
