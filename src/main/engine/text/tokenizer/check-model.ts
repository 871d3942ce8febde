/** @file The `model` part of a tokenizer.json: what its kind needs, and what stops the library. */
import { shortened } from '../../../../shared/lib/shortened.ts';
import type { Refuse } from './check-tokenizer.ts';

/** Pieces and merges; the largest published vocabularies have some 260,000. */
const MAX_PIECES = 4_000_000;
const MAX_PIECE = 8192;
/** Characters of a word that WordPiece tries every part of. */
const MAX_WORD = 1000;
const MAX_AFFIX = 64;

type Model = Readonly<Record<string, unknown>>;

const KINDS: Readonly<Record<string, (model: Model, refuse: Refuse) => void>> = {
  BPE: checkBpe,
  Unigram: checkUnigram,
  WordPiece(model, refuse) {
    checkVocab(model, refuse);
    checkUnknown(model, refuse, '[UNK]');
    const most = model['max_input_chars_per_word'];
    if (typeof most === 'number' && most > MAX_WORD) throw refuse('model.max_input_chars_per_word', `is ${most}, more than ${MAX_WORD}`);
    checkAffixes(model, refuse);
  },
  WordLevel(model, refuse) {
    checkVocab(model, refuse);
    checkUnknown(model, refuse, '<unk>');
  },
};

export function checkModel(model: unknown, refuse: Refuse): void {
  if (typeof model !== 'object' || model === null) throw refuse('model', 'is no object');
  const { type } = model as { readonly type?: unknown };
  // Files of before kinds had names.
  if (type === undefined) return Array.isArray((model as Model)['vocab']) ? checkUnigram(model as Model, refuse) : checkBpe(model as Model, refuse);
  if (typeof type !== 'string' || !Object.hasOwn(KINDS, type)) {
    throw refuse('model.type', `${shortened(String(JSON.stringify(type)), 80)} is not one of ${Object.keys(KINDS).join(', ')}`);
  }
  KINDS[type]!(model as Model, refuse);
}

function checkBpe(model: Model, refuse: Refuse): void {
  checkVocab(model, refuse);
  checkAffixes(model, refuse);
  const { merges } = model;
  if (!Array.isArray(merges)) return;
  if (merges.length > MAX_PIECES) throw refuse('model.merges', `there are ${merges.length}, more than ${MAX_PIECES}`);
  const prefix = model['continuing_subword_prefix'];
  const cut = typeof prefix === 'string' ? Array.from(prefix).length : 0;
  if (cut === 0) return;
  // The library cuts so many bytes from the second piece of each merge, whatever is there.
  for (const [i, merge] of merges.entries()) {
    const second: unknown = typeof merge === 'string' ? merge.split(' ')[1] : Array.isArray(merge) ? merge[1] : undefined;
    const bytes = Buffer.from(typeof second === 'string' ? second : '');
    if (bytes.length < cut || (bytes.length > cut && (bytes[cut]! & 0xc0) === 0x80)) {
      throw refuse(`model.merges.${i}`, `its second piece does not begin with continuing_subword_prefix "${shortened(String(prefix), 20)}"`);
    }
  }
}

function checkUnigram(model: Model, refuse: Refuse): void {
  const { vocab } = model;
  if (!Array.isArray(vocab)) throw refuse('model.vocab', 'is no list of pieces and scores');
  if (vocab.length > MAX_PIECES) throw refuse('model.vocab', `has ${vocab.length} pieces, more than ${MAX_PIECES}`);
  if (vocab.length === 0) throw refuse('model.vocab', 'is empty');
  for (const [i, entry] of vocab.entries()) {
    const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof piece !== 'string' || typeof score !== 'number') throw refuse(`model.vocab.${i}`, 'is no piece with its score');
    if (piece.length > MAX_PIECE) throw refuse(`model.vocab.${i}`, `has ${piece.length} characters, more than ${MAX_PIECE}`);
  }
}

function checkVocab({ vocab }: Model, refuse: Refuse): void {
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) throw refuse('model.vocab', 'is no table of pieces and ids');
  let count = 0;
  for (const [piece, id] of Object.entries(vocab)) {
    if (++count > MAX_PIECES) throw refuse('model.vocab', `has more than ${MAX_PIECES} pieces`);
    if (piece.length > MAX_PIECE)
      throw refuse('model.vocab', `the piece "${shortened(piece, 40)}" has ${piece.length} characters, more than ${MAX_PIECE}`);
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > 0x7fff_ffff)
      throw refuse('model.vocab', `the id of "${shortened(piece, 40)}" is ${shortened(String(JSON.stringify(id)), 40)}`);
  }
}

/** A kind that takes whole words stops at the first one it does not know, unless it has a piece for them. */
function checkUnknown(model: Model, refuse: Refuse, fallback: string): void {
  const unknown = model['unk_token'] ?? fallback;
  if (typeof unknown !== 'string' || !Object.hasOwn(model['vocab'] as object, unknown)) {
    throw refuse(
      'model.unk_token',
      `${shortened(String(JSON.stringify(unknown)), 80)} is not in the vocabulary, so there is nothing to write for a word that it lacks`,
    );
  }
}

function checkAffixes(model: Model, refuse: Refuse): void {
  for (const key of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    const affix = model[key];
    if (typeof affix === 'string' && affix.length > MAX_AFFIX) throw refuse(`model.${key}`, `has ${affix.length} characters, more than ${MAX_AFFIX}`);
  }
}
