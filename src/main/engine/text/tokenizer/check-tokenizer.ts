/**
 * @file A tokenizer.json before the library sees it. The library trusts such files: it stops the process on some, and on others works until
 * memory or patience ends. So the parts are those listed, within bounds, and by how much they can lengthen a text is known.
 */
import { issueText } from '../../../../shared/lib/issue-text.ts';
import { shortened } from '../../../../shared/lib/shortened.ts';
import { checkModel } from './check-model.ts';
import { DECODERS, NORMALIZERS, POST_PROCESSORS, PRE_TOKENIZERS, type Part } from './tokenizer-parts.ts';

/** Steps of one kind, those in a Sequence counted one by one; published files have up to ten. */
const MAX_STEPS = 64;
/** By how much all steps together may lengthen a text or, in decoding, a token. SentencePiece's own table comes to 11. */
const MAX_GROWTH = 64;

const SEQUENCES = { normalizer: 'normalizers', pre_tokenizer: 'pretokenizers', post_processor: 'processors', decoder: 'decoders' } as const;
type Section = keyof typeof SEQUENCES;
const TABLES: Readonly<Record<Section, Readonly<Record<string, Part>>>> = {
  normalizer: NORMALIZERS,
  pre_tokenizer: PRE_TOKENIZERS,
  post_processor: POST_PROCESSORS,
  decoder: DECODERS,
};

/** Refuses the file. @param place in it, such as `normalizer.normalizers.3.content` */
export type Refuse = (place: string, reason: string) => Error;

/** @returns by how much normaliser and splitter can lengthen a text, in bytes @throws what `refuse` makes */
export function checkTokenizer(json: Readonly<Record<string, unknown>>, refuse: Refuse): number {
  const growth: Partial<Record<Section, number>> = {};
  for (const section of Object.keys(SEQUENCES) as Section[]) growth[section] = checkSection(section, json[section], refuse);
  if (growth.decoder! > MAX_GROWTH)
    throw refuse('decoder', `its steps can make a token ${Math.round(growth.decoder!)} times as long (at most ${MAX_GROWTH})`);
  const lengthened = growth.normalizer! * growth.pre_tokenizer!;
  if (lengthened > MAX_GROWTH) {
    const place = growth.normalizer! > growth.pre_tokenizer! ? 'normalizer' : 'pre_tokenizer';
    throw refuse(place, `its steps can make a text ${Math.round(lengthened)} times as long (at most ${MAX_GROWTH})`);
  }
  checkModel(json['model'], refuse);
  checkAddedTokens(json['added_tokens'], refuse);
  return lengthened;
}

function checkSection(section: Section, root: unknown, refuse: Refuse): number {
  const waiting: { readonly place: string; readonly step: unknown }[] = root === null || root === undefined ? [] : [{ place: section, step: root }];
  let growth = 1;
  for (let i = 0; i < waiting.length; i++) {
    const { place, step } = waiting[i]!;
    if (typeof step !== 'object' || step === null) throw refuse(place, 'is no object');
    const { type } = step as { readonly type?: unknown };
    const inner = (step as Readonly<Record<string, unknown>>)[SEQUENCES[section]];
    if (type === 'Sequence' && Array.isArray(inner))
      inner.forEach((each: unknown, n) => waiting.push({ place: `${place}.${SEQUENCES[section]}.${n}`, step: each }));
    else growth *= checkStep(TABLES[section], step, place, refuse);
    if (waiting.length > MAX_STEPS) throw refuse(section, `it has more than ${MAX_STEPS} steps`);
  }
  return growth;
}

function checkStep(table: Readonly<Record<string, Part>>, step: object, place: string, refuse: Refuse): number {
  const { type } = step as { readonly type?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(table, type)) {
    throw refuse(`${place}.type`, `${shortened(String(JSON.stringify(type)), 80)} is not one of ${Object.keys(table).join(', ')} or Sequence`);
  }
  const part = table[type] as Part;
  const parsed = part.schema.safeParse(step, { reportInput: true });
  if (parsed.success) return part.growth?.(step as never) ?? 1;
  const issue = parsed.error.issues[0]!;
  const text = issue.code === 'custom' ? issue.message : issue.code === 'invalid_union' ? 'has not the form that is expected' : issueText(issue);
  throw refuse([place, ...issue.path.map(String)].join('.'), `${text} (step ${type})`);
}

const MAX_ADDED = 200_000;
const MAX_ADDED_CONTENT = 4096;

export function checkAddedTokens(added: unknown, refuse: Refuse): void {
  if (!Array.isArray(added)) return;
  if (added.length > MAX_ADDED) throw refuse('added_tokens', `there are ${added.length}, more than ${MAX_ADDED}`);
  for (const [i, token] of added.entries()) {
    const { content } = token as { readonly content?: unknown };
    if (typeof content === 'string' && content.length > MAX_ADDED_CONTENT)
      throw refuse(`added_tokens.${i}.content`, `has ${content.length} characters, more than ${MAX_ADDED_CONTENT}`);
  }
}
