/** What encoding a dataset found: counts for the run's summary, and findings in words with their rows. */
import { findingSentence, type Finding, type RowName } from '../../../shared/domain/finding.ts';
import { FindingLog, type FindingKind } from './encode-findings.ts';
import { PackReport } from './pack-report.ts';
import type { Packing } from './pack.ts';
import { countTargets, IGNORE } from './loss-mask.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';

export interface RowList {
  readonly count: number;
  /** The first rows concerned, as rows of the user's file. */
  readonly sources: readonly number[];
}

export interface EncodeReport {
  readonly rows: number;
  /** Rows that are trained on. */
  readonly keptRows: number;
  /** Rows without a single target after truncation: left out. */
  readonly droppedRows: RowList;
  /** Rows that the chat template refuses: left out. */
  readonly setAsideRows: RowList;
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
  /** Packs that the rows make; null where they are not packed. */
  readonly packs: number | null;
  /** Why rows were set aside, each reason once. */
  readonly reasons: readonly string[];
  /** All that was found, with rows. */
  readonly findings: readonly Finding[];
  /** The same in sentences, notes of what is as it should be left out. */
  readonly notices: readonly string[];
}

export interface ReportSettings {
  readonly maxLength: number | null;
  /** Counts as an end besides those of the tokenizer. */
  readonly eosToken: string | undefined;
  /** Positions of the model, where they are bounded. */
  readonly positions: number | undefined;
  readonly packing?: Packing | undefined;
}

/** Collects the report while rows pass by. */
export class ReportBuilder {
  readonly log = new FindingLog();
  private readonly tokenizer: Tokenizer;
  private readonly settings: ReportSettings;
  private readonly blank = new Map<number, boolean>();
  private readonly stops: ReadonlySet<number>;
  /** Last learned tokens that generation does not stop at, by how many rows end so. */
  private readonly ends = new Map<number, number>();
  private readonly packs: PackReport | null;
  private rows = 0;
  private kept = 0;
  private tokens = 0;
  private targets = 0;
  private longest = 0;

  constructor(tokenizer: Tokenizer, settings: ReportSettings) {
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.packs = settings.packing === undefined ? null : new PackReport(settings.packing, this.log);
    const given = settings.eosToken === undefined ? undefined : tokenizer.tokenId(settings.eosToken);
    this.stops = new Set([tokenizer.eos?.id, given, ...tokenizer.stopIds].filter((id) => id !== undefined));
  }

  /** A row that the template refuses. */
  setAside(row: RowName, reason: string): void {
    this.rows++;
    this.log.add('setAside', row, reason);
  }

  /** Called for every other row before truncation. */
  seen(row: RowName, ids: Int32Array): void {
    this.rows++;
    this.longest = Math.max(this.longest, ids.length);
    const bos = this.tokenizer.bos?.id;
    if (bos !== undefined && ids[0] === bos && ids[1] === bos) this.log.add('doubleBos', row);
  }

  async keep(row: RowName, labels: Int32Array, truncated: boolean): Promise<void> {
    this.kept++;
    this.tokens += labels.length;
    this.targets += countTargets(labels);
    this.packs?.add(row, labels.length);
    const { positions } = this.settings;
    if (positions !== undefined && Math.min(labels.length, this.settings.packing?.length ?? Infinity) > positions)
      this.log.add('beyond', row, String(positions));
    if (truncated) return;
    const last = await this.lastLearned(labels);
    if (last !== undefined && this.stops.has(last)) return;
    this.log.add('unstopped', row);
    if (last !== undefined) this.ends.set(last, (this.ends.get(last) ?? 0) + 1);
  }

  private async lastLearned(labels: Int32Array): Promise<number | undefined> {
    let last = labels.length - 1;
    while (last >= 0 && (labels[last] === IGNORE || (await this.isBlank(labels[last] as number)))) last--;
    return labels[last];
  }

  // Chat templates print a line break after the end-of-turn token.
  private async isBlank(id: number): Promise<boolean> {
    const known = this.blank.get(id);
    if (known !== undefined) return known;
    const blank = (await this.tokenizer.decode([id], { skipSpecialTokens: false })).trim() === '';
    this.blank.set(id, blank);
    return blank;
  }

  /** Once all rows have passed. */
  build(): EncodeReport {
    this.packs?.finish(this.kept);
    const list = (kind: FindingKind): RowList => ({ count: this.log.count(kind), sources: this.log.rows(kind).map(({ source }) => source) });
    const findings = this.findings();
    return {
      rows: this.rows,
      keptRows: this.kept,
      droppedRows: list('dropped'),
      setAsideRows: list('setAside'),
      truncatedRows: list('cut'),
      boundaryRows: {
        count: list('boundary').count + list('cue').count,
        sources: [...list('boundary').sources, ...list('cue').sources].toSorted((a, b) => a - b),
      },
      lostSpanRows: list('lostSpans'),
      doubleBosRows: list('doubleBos'),
      unstoppedRows: list('unstopped'),
      tokens: this.tokens,
      targets: this.targets,
      longest: this.longest,
      packs: this.packs?.count() ?? null,
      reasons: this.log.details('setAside'),
      findings,
      notices: findings.filter(({ level }) => level !== 'note').map(findingSentence),
    };
  }

  private findings(): readonly Finding[] {
    const cut = this.settings.maxLength !== null && this.longest > this.settings.maxLength;
    const dropped = cut
      ? `Set the longest example to ${this.longest}, or look at what is learned from.`
      : 'Look at what is learned from, or delete these rows.';
    const found = this.log.build(this.rows, { cut: String(this.longest), dropped, unstopped: this.endings() });
    // A few rows that end otherwise are usual: a text cut by hand, a conversation that ends with a question.
    return this.log.count('unstopped') * 2 > this.kept ? found : found.filter(({ code, rows }) => code !== 'W-EOS' || rows === null);
  }

  /** What most rows end in, and what to do about it: two lines. */
  private endings(): string {
    const [id] = [...this.ends].toSorted((a, b) => b[1] - a[1])[0] ?? [];
    const text = id === undefined ? undefined : this.tokenizer.tokenText(id);
    const stops = [...this.stops].flatMap((stop) => this.tokenizer.tokenText(stop) ?? []).join(', ');
    if (text === undefined || !/^<.+>$/.test(text))
      return `\nChoose a chat template that ends turns in ${stops === '' ? 'the end token' : stops}, or write it at the end of the data.`;
    return `${text}, generation stops at ${stops === '' ? 'nothing' : stops}\nSet the end token (eos_token) to ${text}.`;
  }
}
