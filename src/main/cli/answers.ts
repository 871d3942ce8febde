import { endEngines } from '../services/machine/end-engines.ts';
import { answer, type AnswerRequest, type AnswerUpdate, type Prompt } from '../services/compare/answering.ts';
import type { DataFolder } from '../../shared/domain/data-folder.ts';
import { stopOnSignal } from './common-options.ts';
import { printable } from './terminal/display-width.ts';
import { sideBySide } from './terminal/side-by-side.ts';
import { LiveBlock, type Terminal } from './terminal/terminal.ts';

type TextUpdate = Extract<AnswerUpdate, { kind: 'text' }>;

/** Answers as they grow; several columns are shown side by side once a prompt is done. @returns the exit code */
export async function showAnswers(request: AnswerRequest, data: DataFolder, terminal: Terminal): Promise<number> {
  const view = new AnswerView(request, terminal);
  const work = answer(request, data, (update) => view.update(update));
  const stop = () => {
    work.stop();
    // One that hangs has nothing to save.
    void endEngines();
  };
  const release = stopOnSignal({ stop }, terminal, 'Stopping.');
  try {
    return (await work.ended) ? 0 : 130;
  } finally {
    release();
  }
}

class AnswerView {
  readonly #request: AnswerRequest;
  readonly #terminal: Terminal;
  readonly #block: LiveBlock;
  readonly #answers: { text: string; tokens: number; finished: TextUpdate['finished'] }[][];

  constructor(request: AnswerRequest, terminal: Terminal) {
    this.#request = request;
    this.#terminal = terminal;
    this.#block = new LiveBlock(terminal);
    this.#answers = request.prompts.map(() => request.columns.map(() => ({ text: '', tokens: 0, finished: null })));
  }

  update(update: AnswerUpdate): void {
    if (update.kind === 'text') this.#text(update);
    else if (this.#terminal.json) this.#terminal.event(update);
    else if (update.kind === 'log') this.#terminal.notice(update.message);
  }

  #text(update: TextUpdate): void {
    const { prompt, column, text, tokens, finished } = update;
    const answer = this.#answers[prompt]![column]!;
    Object.assign(answer, { text: answer.text + text, tokens, finished });
    const { name } = this.#request.columns[column]!;
    if (this.#terminal.json) {
      this.#terminal.event({ ...update, name });
      if (finished) this.#terminal.event({ kind: 'answer', prompt, column, name, text: answer.text, tokens, finished });
    } else if (this.#request.columns.length === 1) this.#stream(prompt, text, tokens, finished);
    else this.#columns(prompt);
  }

  /** One column: the text itself grows on the screen. */
  #stream(prompt: number, text: string, tokens: number, finished: TextUpdate['finished']): void {
    const several = this.#request.prompts.length > 1;
    const { text: whole } = this.#answers[prompt]![0]!;
    if (several && whole === text) this.#terminal.line(this.#terminal.paint('bold', `> ${promptText(this.#request.prompts[prompt]!)}`));
    this.#terminal.write(printable(text));
    if (finished)
      this.#terminal.line(`${several ? '\n' : ''}${finished === 'length' ? `\n${this.#terminal.paint('dim', `(cut at ${tokens} tokens)`)}` : ''}`);
  }

  #columns(prompt: number): void {
    const answers = this.#answers[prompt]!;
    const columns = this.#request.columns.map(({ name }, i) => ({ name, text: answers[i]!.text + (answers[i]!.finished === 'length' ? ' …' : '') }));
    const head = this.#terminal.paint('bold', `> ${promptText(this.#request.prompts[prompt]!)}`);
    if (answers.every(({ finished }) => finished !== null)) {
      this.#block.draw([]);
      for (const line of [head, '', ...sideBySide(this.#terminal, columns), '']) this.#terminal.line(line);
    } else if (this.#terminal.interactive) {
      this.#block.draw([
        answers
          .map(({ tokens }, i) => `${columns[i]!.name}: ${tokens} tokens`)
          .join('   ')
          .slice(0, this.#terminal.columns - 1),
      ]);
    }
  }
}

function promptText(prompt: Prompt): string {
  if (prompt.kind === 'text' || prompt.kind === 'question') return printable(prompt.text);
  const last = (prompt.kind === 'chats' ? prompt.chats[0]! : prompt.messages).at(-1)!;
  return printable(typeof last.content === 'string' ? last.content : JSON.stringify(last.content));
}
