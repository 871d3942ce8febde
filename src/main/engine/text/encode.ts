/**
 * Canonical rows to token ids and labels, as TRL 1.13's SFTTrainer prepares a dataset (spec sections 1.2 to 3.1).
 * One deviation: a row whose only target is its first token (which no model can be trained on) is dropped as well.
 */
import { TEMPLATE_NAMES } from '../../../shared/domain/chat-templates.ts';
import type { CanonicalRow } from '../../../shared/domain/dataset.ts';
import { AppError } from '../../../shared/lib/app-error.ts';
import type { ChatTemplate } from './chat-template/chat-template.ts';
import { countTargets } from './collate.ts';
import { ReportBuilder, type EncodeReport } from './encode-report.ts';
import { commonPrefix, completionMask, intersect, labelsFromMask, markerMask, spanMask, type MarkerIds } from './loss-mask.ts';
import { detectResponseMarkers, type ResponseMarkers } from './response-markers.ts';
import { rowText, type RowText } from './row-text.ts';
import type { Tokenizer, TokenizedText } from './tokenizer/tokenizer.ts';

/** `auto`: the completion where a row has one, the assistant's turns of a conversation, everything of plain text. */
export type LossMode = 'auto' | 'completion' | 'assistant' | 'all';

export interface EncodeSettings {
  readonly loss: LossMode;
  /** Rows keep their first `maxLength` tokens; null keeps all. */
  readonly maxLength: number | null;
  /** Used in place of the model's chat template. */
  readonly chatTemplate?: ChatTemplate | undefined;
  /** Used in place of the tokenizer's EOS text; must be in the vocabulary. */
  readonly eosToken?: string | undefined;
  /** For `assistant` loss with a template without generation markers; detected where absent. */
  readonly responseMarkers?: ResponseMarkers | undefined;
  /** Rows of the model's embedding; ids at or above it are refused. */
  readonly embeddingRows?: number | undefined;
  /** Told the tokens of every row before cutting, also of those that are dropped. */
  readonly onLength?: ((tokens: number) => void) | undefined;
}

export interface EncodedRow {
  /** Row of the user's file. */
  readonly source: number;
  readonly inputIds: Int32Array;
  /** -100 where the token is not trained; not shifted. */
  readonly labels: Int32Array;
  /** Targets after the shift; at least 1. */
  readonly targets: number;
}

export interface RowEncoder {
  /**
   * Encodes some hundred rows at once, in order; rows without targets are left out.
   * @throws AppError E-MASK-NA, E-GEN-MARK, E-TEMPLATE, E-ROLES, E-VOCAB, naming the row.
   */
  readonly encode: (rows: readonly CanonicalRow[]) => Promise<EncodedRow[]>;
  /** Counts and warnings so far. */
  readonly report: () => EncodeReport;
  /**
   * The report of the whole dataset.
   * @throws AppError E-NO-TARGETS if no row is left to train on.
   */
  readonly finish: () => EncodeReport;
}

interface Masking {
  /** Undefined: generation spans are used, or no assistant mask is wanted. */
  readonly markers: MarkerIds | undefined;
  readonly notice: string | undefined;
}

const PLAIN_PROMPTS =
  'The prompts are plain text, so the model\'s chat template is not used: ask the tuned model with plain text too ("generate --raw"), or give the rows as messages.';

const NO_TEMPLATE =
  `The model has no chat template, so questions and answers are trained as plain text. To train them as turns, choose a chat template: ${TEMPLATE_NAMES.join(', ')}.`;

/** @throws AppError E-EOS if `eosToken` is not in the vocabulary; E-GEN-MARK if an assistant mask cannot be made. */
export async function createRowEncoder(tokenizer: Tokenizer, settings: EncodeSettings): Promise<RowEncoder> {
  const eosText = settings.eosToken ?? tokenizer.eos?.text;
  if (settings.eosToken !== undefined && tokenizer.tokenId(settings.eosToken) === undefined) {
    throw new AppError({
      code: 'E-EOS',
      message: `The EOS token "${settings.eosToken}" is not in the vocabulary of ${tokenizer.folder}.`,
      remedy: 'Choose a token that the tokenizer has.',
    });
  }
  const template = (tools: boolean): ChatTemplate => settings.chatTemplate ?? tokenizer.chatTemplate({ tools });
  const hasTemplate = settings.chatTemplate !== undefined || tokenizer.hasChatTemplate;
  let masking: Promise<Masking> | undefined;
  const notices = eosText === undefined ? ['W-EOS: the tokenizer has no EOS token, so none is appended.'] : [];
  const report = new ReportBuilder(tokenizer, notices);

  const encode = async (given: readonly CanonicalRow[]): Promise<EncodedRow[]> => {
    const rows = given.map((row) => (hasTemplate ? row : withoutTurns(row, report)));
    if (rows.some((row) => learned(row, settings.loss) === 'assistant')) masking ??= prepareMasking(tokenizer, settings, template);
    const turns = (await masking) ?? NO_MASKING;
    if (turns.notice !== undefined) report.note(turns.notice);
    const texts = rows.map((row) => {
      const part = learned(row, settings.loss);
      refuseMask(row, part);
      if (row.kind === 'prompt-completion' && hasTemplate) report.note(PLAIN_PROMPTS);
      const wantSpans = part === 'assistant' && turns.markers === undefined;
      return rowText(row, { eosText, template, wantPrompt: part !== 'all', wantSpans });
    });
    const tokenized = await tokenizeRows(tokenizer, texts);
    const encoded: EncodedRow[] = [];
    for (const [i, text] of texts.entries()) {
      const found = learned(rows[i] as CanonicalRow, settings.loss) === 'assistant' ? turns : NO_MASKING;
      const row = await finishRow(text, tokenized[i] as TokenizedRow, found, settings, report);
      if (row !== undefined) encoded.push(row);
    }
    return encoded;
  };
  return { encode, report: () => report.build(), finish: () => requireTargets(report.build(), settings) };
}

const NO_MASKING: Masking = { markers: undefined, notice: undefined };

/** What of a row is learned; `auto` decides by what the row is. */
function learned(row: CanonicalRow, loss: LossMode): Exclude<LossMode, 'auto'> {
  if (loss !== 'auto') return loss;
  if (row.kind === 'messages') return 'assistant';
  return row.kind === 'text' ? 'all' : 'completion';
}

/** A model without a chat template reads the plain text of a pair, where the row knows one. */
function withoutTurns(row: CanonicalRow, report: ReportBuilder): CanonicalRow {
  if (row.kind !== 'chat-prompt-completion' || row.plain === undefined) return row;
  report.note(NO_TEMPLATE);
  return { kind: 'prompt-completion', source: row.source, ...row.plain };
}

async function prepareMasking(tokenizer: Tokenizer, settings: EncodeSettings, template: (tools: boolean) => ChatTemplate): Promise<Masking> {
  if (settings.responseMarkers === undefined && template(false).hasGenerationMarkers) return { markers: undefined, notice: undefined };
  const { instruction, response } = settings.responseMarkers ?? detectResponseMarkers(template(false));
  const [instructionIds, responseIds] = await tokenizer.encodeBatch([instruction, response], { addSpecialTokens: false });
  return {
    markers: { instruction: instructionIds as Int32Array, response: responseIds as Int32Array },
    notice: `The chat template has no generation markers: the assistant's turns are found by ${JSON.stringify(response)} up to ${JSON.stringify(instruction)}.`,
  };
}

function refuseMask(row: CanonicalRow, loss: Exclude<LossMode, 'auto'>): void {
  const isChat = row.kind === 'messages' || row.kind === 'chat-prompt-completion';
  const hasCompletion = row.kind === 'prompt-completion' || row.kind === 'chat-prompt-completion';
  if (loss === 'assistant' && !isChat) {
    throw maskError(row, 'training only the assistant\'s turns needs conversations', 'Choose the loss "auto" or "all", or give conversations with roles.');
  }
  if (loss === 'completion' && !hasCompletion) {
    throw maskError(row, 'training only completions needs a prompt and a completion', 'Choose the loss "auto", "all" or (for conversations) "assistant".');
  }
}

function maskError(row: CanonicalRow, reason: string, remedy: string): AppError {
  return new AppError({ code: 'E-MASK-NA', message: `Row ${row.source} is of the kind "${row.kind}", but ${reason}.`, data: { source: row.source, kind: row.kind }, remedy });
}

interface TokenizedRow {
  readonly full: TokenizedText;
  readonly prompt: Int32Array | undefined;
}

const NO_OFFSETS = new Int32Array(0);

/** One native call for each way of tokenising, so that a batch uses every core. */
async function tokenizeRows(tokenizer: Tokenizer, rows: readonly RowText[]): Promise<TokenizedRow[]> {
  const full = new Map<RowText, TokenizedText>();
  const prompts = new Map<RowText, Int32Array>();
  for (const addSpecialTokens of [true, false]) {
    const group = rows.filter((row) => row.addSpecialTokens === addSpecialTokens);
    const spanned = group.filter((row) => row.spans !== undefined);
    const plain = group.filter((row) => row.spans === undefined);
    const prompted = group.filter((row) => row.prompt !== undefined);
    const ids = await tokenizer.encodeBatch([...plain.map((row) => row.full), ...prompted.map((row) => row.prompt as string)], { addSpecialTokens });
    for (const [i, row] of plain.entries()) full.set(row, { ids: ids[i] as Int32Array, offsets: NO_OFFSETS });
    for (const [i, row] of prompted.entries()) prompts.set(row, ids[plain.length + i] as Int32Array);
    const located = await tokenizer.encodeBatchWithOffsets(spanned.map((row) => row.full), { addSpecialTokens });
    for (const [i, row] of spanned.entries()) full.set(row, located[i] as TokenizedText);
  }
  return rows.map((row) => ({ full: full.get(row) as TokenizedText, prompt: prompts.get(row) }));
}

async function finishRow(text: RowText, row: TokenizedRow, masking: Masking, settings: EncodeSettings, report: ReportBuilder): Promise<EncodedRow | undefined> {
  const { ids } = row.full;
  report.seen(text.source, ids);
  settings.onLength?.(ids.length);
  checkVocabulary(ids, text.source, settings.embeddingRows);
  if (row.prompt !== undefined && commonPrefix(row.prompt, ids) < row.prompt.length) report.boundary.add(text.source);
  const truncated = settings.maxLength !== null && ids.length > settings.maxLength;
  if (truncated) report.truncated.add(text.source);
  const end = truncated ? (settings.maxLength as number) : ids.length;
  const labels = rowLabels(text, row, masking, report).slice(0, end);
  const targets = countTargets(labels);
  if (targets === 0) {
    report.dropped.add(text.source);
    return undefined;
  }
  await report.keep(text.source, labels, targets, truncated);
  return { source: text.source, inputIds: ids.slice(0, end), labels, targets };
}

function rowLabels(text: RowText, row: TokenizedRow, masking: Masking, report: ReportBuilder): Int32Array {
  const { ids } = row.full;
  let mask = row.prompt === undefined ? new Uint8Array(ids.length).fill(1) : completionMask(ids.length, row.prompt.length);
  if (masking.markers !== undefined) mask = intersect(mask, markerMask(ids, masking.markers));
  else if (text.spans !== undefined) {
    const spans = spanMask(row.full, text.spans);
    if (!spans.complete) report.lostSpans.add(text.source);
    mask = intersect(mask, spans.mask);
  }
  return labelsFromMask(ids, mask);
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

function requireTargets(report: EncodeReport, settings: EncodeSettings): EncodeReport {
  if (report.keptRows > 0) return report;
  const limit = settings.maxLength === null ? '' : ` and the limit is ${settings.maxLength}`;
  throw new AppError({
    code: 'E-NO-TARGETS',
    message: `0 of ${report.rows} rows have anything to learn (loss "${settings.loss}"; the longest row has ${report.longest} tokens${limit}).`,
    data: { rows: report.rows, longest: report.longest, maxLength: settings.maxLength, loss: settings.loss },
    remedy: 'Check the response markers, choose another loss, or raise the maximum length.',
  });
}
