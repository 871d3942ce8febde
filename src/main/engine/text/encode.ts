/**
 * Canonical rows to token ids and labels, as TRL 1.13's SFTTrainer prepares a dataset (spec sections 1.2 to 3.1). A row that its
 * template refuses is set aside and told; one that consists of its end token alone takes its place in a batch, as with TRL.
 */
import type { CanonicalRow, Message } from '../../../shared/domain/dataset.ts';
import type { RowName } from '../../../shared/domain/finding.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ChatTemplate } from './chat-template/chat-template.ts';
import { ReportBuilder, type EncodeReport } from './encode-report.ts';
import { learnedPart, PART_WORDS, type LossMode, type Part } from './learned-part.ts';
import { commonPrefix, completionMask, countTargets, IGNORE, intersect, labelsFromMask, spanMask, textMask } from './loss-mask.ts';
import type { Packing } from './pack.ts';
import { rowText, type RowText } from './row-text.ts';
import { requireTargets } from './require-targets.ts';
import { tokenizeRows, type TokenizedRow } from './tokenize-rows.ts';
import type { Tokenizer } from './tokenizer/tokenizer.ts';
import { turnRenderer, type TurnRenderer } from './turns.ts';

export type { LossMode } from './learned-part.ts';

export interface EncodeSettings {
  readonly loss: LossMode;
  /** Rows keep their first `maxLength` tokens; null keeps all. */
  readonly maxLength: number | null;
  /** Rows will be packed: those without anything to learn keep their place, as with TRL. */
  readonly packing?: Packing | undefined;
  /** Used in place of the model's chat template. */
  readonly chatTemplate?: ChatTemplate | undefined;
  /** Used in place of the tokenizer's EOS text; must be in the vocabulary. */
  readonly eosToken?: string | undefined;
  /** Rows of the model's embedding; ids at or above it are refused. */
  readonly embeddingRows?: number | undefined;
  /** Positions that the model was made for. */
  readonly positions?: number | undefined;
  /** Place in the dataset of the first row that is encoded, for findings. */
  readonly firstPosition?: number | undefined;
  /** Told what became of every row, also of those that are left out. */
  readonly onRow?: ((outcome: RowOutcome) => void) | undefined;
}

export interface RowOutcome extends RowName {
  /** All tokens before cutting; empty for a row that was refused. */
  readonly ids: Int32Array;
  /** Null for a row that training leaves out. */
  readonly row: EncodedRow | null;
  /** Why its template refuses it, where it does. */
  readonly refused: string | null;
}

export interface EncodedRow {
  /** Row of the user's file. */
  readonly source: number;
  readonly inputIds: Int32Array;
  /** -100 where the token is not trained; not shifted. At least one is not, unless rows are packed. */
  readonly labels: Int32Array;
  /** Targets after the shift; 0 for a row whose only target is its first token. */
  readonly targets: number;
}

export interface RowEncoder {
  /**
   * Encodes some hundred rows at once, in order; rows without anything to learn, or that the template refuses, are left out.
   * @throws AppError E-MASK-NA, E-TEMPLATE, E-VOCAB, naming the row.
   */
  readonly encode: (rows: readonly CanonicalRow[]) => Promise<EncodedRow[]>;
  /** Counts and findings so far. */
  readonly report: () => EncodeReport;
  /**
   * The report of the whole dataset.
   * @throws AppError E-NO-TARGETS, E-ROLES if no row is left to train on.
   */
  readonly finish: () => EncodeReport;
}

/** @throws AppError E-EOS if `eosToken` is not in the vocabulary. */
export async function createRowEncoder(tokenizer: Tokenizer, settings: EncodeSettings): Promise<RowEncoder> {
  if (settings.eosToken !== undefined && tokenizer.tokenId(settings.eosToken) === undefined) {
    throw new AppError({
      code: 'E-EOS',
      message: `The EOS token "${settings.eosToken}" is not in the vocabulary of ${tokenizer.folder}.`,
      remedy: 'Choose a token that the tokenizer has.',
    });
  }
  return new Encoder(tokenizer, settings);
}

class Encoder implements RowEncoder {
  readonly #tokenizer: Tokenizer;
  readonly #settings: EncodeSettings;
  readonly #report: ReportBuilder;
  readonly #eosText: string | undefined;
  readonly #hasTemplate: boolean;
  readonly #renderers = new Map<ChatTemplate, TurnRenderer>();
  #position: number;

  constructor(tokenizer: Tokenizer, settings: EncodeSettings) {
    this.#tokenizer = tokenizer;
    this.#settings = settings;
    this.#report = new ReportBuilder(tokenizer, {
      maxLength: settings.maxLength,
      eosToken: settings.eosToken,
      positions: settings.positions,
      packing: settings.packing,
    });
    this.#eosText = settings.eosToken ?? tokenizer.eos?.text;
    this.#hasTemplate = settings.chatTemplate !== undefined || tokenizer.hasChatTemplate;
    this.#position = settings.firstPosition ?? 0;
    if (this.#eosText === undefined) this.#report.log.add('noEos', null);
  }

  readonly encode = async (rows: readonly CanonicalRow[]): Promise<EncodedRow[]> => {
    const written = rows.map((row) => this.#write(row, { source: row.source, position: this.#position++ }));
    const tokenized = await tokenizeRows(
      this.#tokenizer,
      written.flatMap(({ text }) => text ?? []),
    );
    const encoded: EncodedRow[] = [];
    for (const { name, text, refused } of written) {
      const tokens = text === null ? undefined : tokenized.get(text);
      const row = text === null || tokens === undefined ? null : await this.#finish(text, tokens, name);
      if (row !== null) encoded.push(row);
      this.#settings.onRow?.({ ...name, ids: tokens?.full.ids ?? NO_IDS, row, refused });
    }
    return encoded;
  };

  readonly report = (): EncodeReport => this.#report.build();

  readonly finish = (): EncodeReport => requireTargets(this.#report.build(), this.#settings);

  /** The row's text, or why its template refuses it. */
  #write(given: CanonicalRow, name: RowName): Written {
    const row = this.#hasTemplate ? given : this.#withoutTurns(given, name);
    const part = learnedPart(row, this.#settings.loss);
    try {
      const text = rowText(row, { eosText: this.#eosText, part, template: (tools) => this.#template(tools), turns: (tools) => this.#turns(tools) });
      this.#tell(row, text, part, name);
      return { name, text, refused: null };
    } catch (error) {
      const reason = error instanceof AppError && error.code === 'E-ROLES' ? error.data?.['reason'] : undefined;
      if (typeof reason !== 'string') throw error;
      this.#report.setAside(name, reason);
      return { name, text: null, refused: reason };
    }
  }

  /** A model without a chat template reads the plain text of a pair, where the row knows one. */
  #withoutTurns(row: CanonicalRow, name: RowName): CanonicalRow {
    if (row.kind !== 'chat-prompt-completion' || row.plain === undefined) return row;
    this.#report.log.add('noTemplate', name);
    return { kind: 'prompt-completion', source: row.source, ...row.plain };
  }

  #template(tools: boolean): ChatTemplate {
    return this.#settings.chatTemplate ?? this.#tokenizer.chatTemplate({ tools });
  }

  #turns(tools: boolean): TurnRenderer {
    const template = this.#template(tools);
    const known = this.#renderers.get(template);
    if (known !== undefined) return known;
    const made = turnRenderer(template, this.#tokenizer.namedTokens);
    this.#renderers.set(template, made);
    const { log } = this.#report;
    if (made.rule !== null) log.add('trainingForm', null, [made.rule.name, made.rule.difference].filter((line) => line !== null).join('\n'));
    else if (!template.hasGenerationMarkers) log.add('turnsFound', null);
    return made;
  }

  #tell(row: CanonicalRow, text: RowText, part: Part, name: RowName): void {
    const { log } = this.#report;
    if (this.#settings.loss === 'auto') log.add('learns', name, PART_WORDS[part]);
    if (row.kind === 'prompt-completion' && this.#hasTemplate) log.add('plainPrompts', name);
    if (text.lostTurns > 0) log.add('lostTurns', name);
    for (const what of text.unprinted) {
      if (what.kind === 'key') log.add('unusedKey', name, what.name);
      else if (what.kind === 'tools') log.add('unusedTools', name);
      else log.add('missingText', name, missingWords(what));
    }
    const { question, answer } = blanks(row);
    if (answer) log.add('blankAnswer', name);
    if (question) log.add('blankQuestion', name);
  }

  async #finish(text: RowText, row: TokenizedRow, name: RowName): Promise<EncodedRow | null> {
    const { ids } = row.full;
    const { maxLength, embeddingRows, packing } = this.#settings;
    const { log } = this.#report;
    this.#report.seen(name, ids);
    checkVocabulary(ids, text.source, embeddingRows);
    if (row.prompt !== undefined && commonPrefix(row.prompt, ids) < row.prompt.length) {
      if (text.cue === undefined) log.add('boundary', name);
      else log.add('cue', name, text.cue);
    }
    const truncated = maxLength !== null && ids.length > maxLength;
    if (truncated) log.add('cut', name);
    const end = truncated ? maxLength : ids.length;
    const labels = this.#labels(text, row, name).slice(0, end);
    // A first token cannot be predicted, but TRL keeps a row that has nothing else, and it takes its place in a batch.
    const idle = labels.every((label) => label === IGNORE);
    if (idle && packing === undefined) {
      log.add('dropped', name);
      return null;
    }
    const targets = countTargets(labels);
    if (idle) log.add('idle', name);
    else if (targets === 0) log.add('onlyEnd', name);
    await this.#report.keep(name, labels, truncated || idle);
    return { source: text.source, inputIds: ids.slice(0, end), labels, targets };
  }

  #labels(text: RowText, row: TokenizedRow, name: RowName): Int32Array {
    const { ids } = row.full;
    const mask = row.prompt === undefined ? new Uint8Array(ids.length).fill(1) : completionMask(ids.length, row.prompt.length);
    if (text.spans === undefined) return labelsFromMask(ids, mask);
    const spans = text.marked ? spanMask(row.full, text.spans) : textMask(row.full, text.spans);
    if (!spans.complete) this.#report.log.add('lostSpans', name);
    return labelsFromMask(ids, intersect(mask, spans.mask));
  }
}

const NO_IDS = new Int32Array(0);

interface Written {
  readonly name: RowName;
  readonly text: RowText | null;
  readonly refused: string | null;
}

/** Whose text is missing, and what to do about it: two lines. */
function missingWords({ role, thinking }: { readonly role: string; readonly thinking: boolean }): string {
  const who = role === 'assistant' ? "the assistant's turns" : `the turns of "${role}"`;
  if (thinking)
    return `${who}\nThe template removes the thinking up to </think>. To learn it, choose a chat template that prints contents as they are, such as chatml.`;
  return `${who}\nLook at the rendered text of these rows; choose another chat template if it should be there.`;
}

function blanks(row: CanonicalRow): { readonly question: boolean; readonly answer: boolean } {
  const blank = (text: string) => text.trim() === '';
  if (row.kind === 'text') return { question: false, answer: false };
  if (row.kind === 'prompt-completion') return { question: blank(row.prompt), answer: blank(row.completion) };
  const messages: readonly Message[] = row.kind === 'messages' ? row.messages : [...row.prompt, ...row.completion];
  const of = (role: string) =>
    messages.some((message) => message.role === role && typeof message.content === 'string' && blank(message.content) && !hasMore(message));
  return { question: of('user'), answer: of('assistant') };
}

function hasMore(message: Message): boolean {
  return (Array.isArray(message['tool_calls']) && message['tool_calls'].length > 0) || typeof message['reasoning_content'] === 'string';
}

function checkVocabulary(ids: Int32Array, source: number, embeddingRows: number | undefined): void {
  if (embeddingRows === undefined) return;
  const bad = ids.find((id) => id >= embeddingRows);
  if (bad === undefined) return;
  throw new AppError({
    code: 'E-VOCAB',
    message: `Row ${source} contains token ${bad}, but the model's embedding has ${embeddingRows} rows.`,
    data: { source, id: bad, embeddingRows },
    remedy: 'Resize the embeddings to the tokenizer, or use the tokenizer that belongs to this model.',
  });
}
