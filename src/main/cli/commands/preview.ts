import { findingSentence } from '../../../shared/domain/finding.ts';
import { loadRecipe } from '../../services/runs/recipes.ts';
import { previewRows, type PreviewUpdate } from '../../services/inspector/preview.ts';
import { type Command, type CommandArgs, UsageError } from '../command.ts';
import { DATA, dataOf, JSON_OUTPUT, SET } from '../common-options.ts';
import { printable } from '../terminal/display-width.ts';
import { importedWords } from '../terminal/imported-words.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { recipeSource } from './train.ts';

type Row = Extract<PreviewUpdate, { kind: 'row' }>['row'];

const MOST_ROWS = 1000;

export const previewCommand: Command = {
  name: 'preview',
  summary: 'See rows exactly as training will: tokens, labels, mask',
  usage: ['preview --recipe FILE [--rows 0..4]', 'preview --model DIR --dataset FILE [--rows 0..4]'],
  options: [
    { name: 'recipe', value: 'FILE', help: 'The recipe (JSON).' },
    { name: 'model', value: 'DIR', help: 'Model folder; its weights are not read.' },
    { name: 'dataset', value: 'FILE', help: 'JSON, JSONL or CSV file.' },
    SET,
    { name: 'rows', value: 'A..B', help: 'First and last row, counted from 0 over the usable rows (0..4); one number for one row.' },
    DATA,
    JSON_OUTPUT,
  ],
  notes: ['On a screen, what is learned is green and what is masked is grey; elsewhere what is learned stands between « and ».'],
  async run(args, terminal) {
    const rows = rowsOf(args);
    const { recipe, notices } = await loadRecipe(recipeSource(args));
    for (const message of notices) show({ kind: 'notice', message }, terminal);
    await previewRows({ recipe, ...rows }, dataOf(args), (update) => show(update, terminal));
    return 0;
  },
};

function rowsOf(args: CommandArgs): { readonly first: number; readonly count: number } {
  const text = args.text('rows') ?? '0..4';
  const [, from, to = from] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? [];
  const count = Number(to) - Number(from) + 1;
  if (from === undefined || count < 1) throw new UsageError(`--rows must be a range such as 0..4, but is ${JSON.stringify(text)}`);
  if (count > MOST_ROWS) throw new UsageError(`--rows shows at most ${MOST_ROWS} rows at once`);
  return { first: Number(from), count };
}

function show(update: PreviewUpdate, terminal: Terminal): void {
  if (update.kind === 'notice') {
    if (terminal.json) terminal.event({ kind: 'log', level: 'info', message: update.message });
    else terminal.notice(update.message);
  } else if (update.kind === 'finding') {
    if (terminal.json) terminal.event({ kind: 'finding', ...update.finding });
    else terminal.notice(findingSentence(update.finding));
  } else if (update.kind === 'imported') {
    if (terminal.json) terminal.event(update);
    else for (const line of importedWords(update)) terminal.notice(line);
  } else if (terminal.json) terminal.event(rowEvent(update.row));
  else showRow(update.row, terminal);
}

function rowEvent({ row, source, rendered, tokens, trainedText, maskedText, truncatedTokens }: Row) {
  return {
    kind: 'row',
    row,
    source,
    input_ids: tokens.map(({ id }) => id),
    labels: tokens.map(({ label }) => label),
    mask: tokens.map(({ trained }) => (trained ? 1 : 0)),
    tokens: tokens.map(({ text }) => text),
    text: rendered,
    trained_text: trainedText,
    masked_text: maskedText,
    truncated_tokens: truncatedTokens,
  };
}

function showRow({ row, source, tokens, truncatedTokens }: Row, terminal: Terminal): void {
  const learned = tokens.filter(({ trained }) => trained).length;
  const cut = truncatedTokens > 0 ? `, ${truncatedTokens} cut off` : '';
  terminal.line(terminal.paint('bold', `Row ${row} (${source} of the file): ${tokens.length} tokens, ${learned} learned${cut}`));
  terminal.line(
    runsOf(tokens)
      .map(({ trained, text }) => coloured(terminal, trained, printable(text)))
      .join(''),
  );
  terminal.line();
}

function coloured(terminal: Terminal, trained: boolean, text: string): string {
  if (terminal.interactive) return terminal.paint(trained ? 'green' : 'gray', text);
  return trained ? `«${text}»` : text;
}

/** Neighbouring tokens of one kind as one text. */
function runsOf(tokens: Row['tokens']): readonly { readonly trained: boolean; readonly text: string }[] {
  const runs: { trained: boolean; text: string }[] = [];
  for (const { trained, text } of tokens) {
    const last = runs.at(-1);
    if (last?.trained === trained) last.text += text;
    else runs.push({ trained, text });
  }
  return runs;
}
