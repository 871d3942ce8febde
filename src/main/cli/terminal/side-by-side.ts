import { displayWidth, padTo, printable, wrap } from './display-width.ts';
import type { Terminal } from './terminal.ts';

const GAP = ' │ ';
const NARROWEST = 20;

/** Texts in columns under their names, or one below the other where the screen is too narrow. */
export function sideBySide(terminal: Terminal, columns: readonly { readonly name: string; readonly text: string }[]): readonly string[] {
  const width = Math.floor((Math.min(terminal.columns, 160) - GAP.length * (columns.length - 1)) / columns.length);
  if (width < NARROWEST) return columns.flatMap(({ name, text }) => [terminal.paint('bold', name), ...wrap(printable(text), terminal.columns), '']);
  const bodies = columns.map(({ text }) => wrap(printable(text), width));
  const rows = Math.max(...bodies.map(({ length }) => length));
  const row = (cells: readonly string[]) => cells.map((cell, i) => (i === cells.length - 1 ? cell : padTo(cell, width))).join(GAP);
  const names = columns.map(({ name }) => name.slice(0, width));
  const head = names
    .map((name, i) => terminal.paint('bold', name) + (i === names.length - 1 ? '' : ' '.repeat(Math.max(0, width - displayWidth(name)))))
    .join(GAP);
  return [
    head,
    columns.map(() => '─'.repeat(width)).join('─┼─'),
    ...Array.from({ length: rows }, (_, i) => row(bodies.map((body) => body[i] ?? ''))),
  ];
}
