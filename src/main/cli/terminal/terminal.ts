import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Milliseconds between two JSON lines of progress. */
const PROGRESS_INTERVAL = 250;

/** Where a command writes: results on stdout, as JSON lines or for the eye; notices and failures on stderr. */
export class Terminal {
  readonly json: boolean;
  /** stdout is a screen whose lines can be drawn again. */
  readonly interactive: boolean;
  readonly #colour: boolean;
  #progressAt = -Infinity;

  constructor(json: boolean) {
    this.json = json;
    this.interactive = !json && process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
    this.#colour = this.interactive && !process.env['NO_COLOR'];
  }

  get columns(): number {
    return Math.max(40, process.stdout.columns ?? 100);
  }

  write(text: string): void {
    process.stdout.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  /** One JSON line; numbers keep every digit. Progress is thinned out: its end always comes through. */
  event<E extends { readonly kind: string; readonly done?: unknown; readonly total?: unknown }>(value: E): void {
    if (value.kind === 'progress' && value.done !== value.total && performance.now() - this.#progressAt < PROGRESS_INTERVAL) return;
    if (value.kind === 'progress') this.#progressAt = performance.now();
    this.write(`${JSON.stringify(value)}\n`);
  }

  notice(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  paint(style: Style, text: string): string {
    return this.#colour ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** A few lines at the bottom of the screen that are drawn again in place; what is printed goes above them. */
export class LiveBlock {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(lines: readonly string[]): void {
    this.#terminal.write(`${this.#erase()}${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  print(line: string, below: readonly string[]): void {
    this.#terminal.write(`${this.#erase()}${line}\n`);
    this.#drawn = 0;
    this.draw(below);
  }

  #erase(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}F\u001B[0J`;
  }
}
