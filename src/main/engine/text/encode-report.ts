/** What encoding a dataset found: counts for the run's summary, and warnings in words. */
import { IGNORE } from './loss-mask.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

/** Rows named in a list; counts go on beyond it. */
const MAX_NAMED_ROWS = 100;

export interface RowList {
  readonly count: number;
  /** The first rows concerned, as rows of the user's file. */
  readonly sources: readonly number[];
}

export interface EncodeReport {
  readonly rows: number;
  /** Rows that are trained on. */
  readonly keptRows: number;
  /** Rows without a single target after truncation: dropped. */
  readonly droppedRows: RowList;
  /** Rows longer than the maximum length: cut at the end, so that their EOS is lost. */
  readonly truncatedRows: RowList;
  /** E-BOUNDARY: the prompt's tokens are not a prefix of the row's, so a token at the border is on the wrong side. */
  readonly boundaryRows: RowList;
  /** Rows with assistant turns that begin on a character no token holds: this turn and later ones are not trained. */
  readonly lostSpanRows: RowList;
  /** W-BOS2: rows that begin with two BOS tokens. */
  readonly doubleBosRows: RowList;
  /** W-EOS: rows whose last target is no token that generation stops at. */
  readonly unstoppedRows: RowList;
  /** Tokens of kept rows, padding excluded. */
  readonly tokens: number;
  /** Targets of kept rows, after the shift. */
  readonly targets: number;
  /** Tokens of the longest row before truncation. */
  readonly longest: number;
  /** Things the user should know, in sentences that begin with their code where they have one. */
  readonly notices: readonly string[];
}

class RowLog {
  private count = 0;
  private readonly sources: number[] = [];
  add(source: number): void {
    this.count++;
    if (this.sources.length < MAX_NAMED_ROWS) this.sources.push(source);
  }
  list(): RowList {
    return { count: this.count, sources: [...this.sources] };
  }
}

/** Collects the report while rows pass by. */
export class ReportBuilder {
  readonly dropped = new RowLog();
  readonly truncated = new RowLog();
  readonly boundary = new RowLog();
  readonly lostSpans = new RowLog();
  private readonly doubleBos = new RowLog();
  private readonly unstopped = new RowLog();
  private readonly tokenizer: Tokenizer;
  private readonly blank = new Map<number, boolean>();
  private readonly notices: Set<string>;
  private rows = 0;
  private kept = 0;
  private tokens = 0;
  private targets = 0;
  private longest = 0;

  constructor(tokenizer: Tokenizer, notices: readonly string[]) {
    this.tokenizer = tokenizer;
    this.notices = new Set(notices);
  }

  /** Says something once, however many rows call for it. */
  note(message: string): void {
    this.notices.add(message);
  }

  /** Called for every row before truncation. */
  seen(source: number, ids: Int32Array): void {
    this.rows++;
    this.longest = Math.max(this.longest, ids.length);
    const bos = this.tokenizer.bos?.id;
    if (bos !== undefined && ids[0] === bos && ids[1] === bos) this.doubleBos.add(source);
  }

  async keep(source: number, labels: Int32Array, targets: number, truncated: boolean): Promise<void> {
    this.kept++;
    this.tokens += labels.length;
    this.targets += targets;
    if (!truncated && !(await this.stops(labels))) this.unstopped.add(source);
  }

  private async stops(labels: Int32Array): Promise<boolean> {
    let last = labels.length - 1;
    while (last >= 0 && (labels[last] === IGNORE || (await this.isBlank(labels[last] as number)))) last--;
    const id = labels[last];
    return id !== undefined && (id === this.tokenizer.eos?.id || this.tokenizer.stopIds.includes(id));
  }

  // Chat templates print a line break after the end-of-turn token.
  private async isBlank(id: number): Promise<boolean> {
    const known = this.blank.get(id);
    if (known !== undefined) return known;
    const blank = (await this.tokenizer.decode([id], { skipSpecialTokens: false })).trim() === '';
    this.blank.set(id, blank);
    return blank;
  }

  build(): EncodeReport {
    const report = {
      rows: this.rows,
      keptRows: this.kept,
      droppedRows: this.dropped.list(),
      truncatedRows: this.truncated.list(),
      boundaryRows: this.boundary.list(),
      lostSpanRows: this.lostSpans.list(),
      doubleBosRows: this.doubleBos.list(),
      unstoppedRows: this.unstopped.list(),
      tokens: this.tokens,
      targets: this.targets,
      longest: this.longest,
    };
    return { ...report, notices: [...this.notices, ...warnings(report)] };
  }
}

function warnings(report: Omit<EncodeReport, 'notices'>): string[] {
  const found: string[] = [];
  const say = (rows: RowList, text: string): void => {
    if (rows.count > 0) found.push(text.replace('{n}', `${rows.count} of ${report.rows} rows`).replace('{row}', String(rows.sources[0])));
  };
  say(report.truncatedRows, '{n} are longer than the maximum length and are cut; their end, including EOS, is lost (first: row {row}).');
  say(report.droppedRows, `${report.droppedRows.count * 10 >= report.rows ? 'W-FEW-TARGETS: ' : ''}{n} have nothing to learn after masking and truncation and are left out (first: row {row}).`);
  say(report.boundaryRows, 'E-BOUNDARY: in {n} the prompt does not end at a token border, so a token at the border is masked or trained wrongly (first: row {row}). Move a space at the end of the prompt to the start of the completion.');
  say(report.lostSpanRows, 'In {n} an assistant turn begins with a space that the tokenizer assigns to no token, so this turn and later ones are not trained (first: row {row}). Remove the leading space.');
  say(report.doubleBosRows, 'W-BOS2: {n} begin with two BOS tokens (first: row {row}). Remove the BOS text from the data.');
  if (report.unstoppedRows.count * 2 > report.keptRows) {
    say(report.unstoppedRows, 'W-EOS: {n} do not end in a token that generation stops at, so the model may not learn to stop (first: row {row}).');
  }
  return found;
}
